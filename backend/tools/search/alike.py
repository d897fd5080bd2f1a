"""How alike two texts are, without words or a dictionary."""


def pairs(text: str) -> frozenset[str]:
    """The neighbouring signs of a text: Chinese needs no words for a likeness."""
    signs = "".join(sign for sign in text.lower() if sign.isalnum())
    return frozenset(signs[i : i + 2] for i in range(len(signs) - 1))


def likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """The share of pairs that two texts have in common (Jaccard), 0 to 1."""
    return len(a & b) / len(a | b) if a and b else 0.0
