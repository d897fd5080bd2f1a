"""Drawn stand-ins for photos: the demo shows no real place and no real person."""

import io
import math
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SKY, GROUND, WALL = (196, 212, 222), (142, 138, 128), (214, 205, 188)


@lru_cache
def street(category: str, seed: int) -> bytes:
    """A street scene with what the category is about, as JPEG bytes; a few scenes a category do."""
    rng = np.random.default_rng(seed)
    image = Image.new("RGB", (960, 720), SKY)
    draw = ImageDraw.Draw(image)
    for i in range(7):
        left = i * 150 - int(rng.integers(0, 60))
        top = int(rng.integers(120, 260))
        shade = tuple(int(c + rng.integers(-24, 24)) for c in WALL)
        draw.rectangle((left, top, left + 145, 430), fill=shade)
        for window in range(3):
            x = left + 18 + window * 42
            draw.rectangle((x, top + 40, x + 26, top + 84), fill=(96, 112, 124))
    draw.polygon([(0, 430), (960, 430), (960, 720), (0, 720)], fill=GROUND)
    draw.polygon([(380, 430), (560, 430), (860, 720), (90, 720)], fill=(112, 112, 114))
    _matter(draw, category, rng)
    noise = rng.normal(0, 7, (720, 960, 1))
    grained = np.clip(np.asarray(image, float) + noise, 0, 255).astype("uint8")
    picture = Image.fromarray(grained).filter(ImageFilter.GaussianBlur(0.8))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()


def _matter(draw: ImageDraw.ImageDraw, category: str, rng: np.random.Generator) -> None:
    x, y = int(rng.integers(330, 560)), int(rng.integers(520, 600))
    match category[:4]:
        case "0201" | "0103":
            colour = (88, 120, 140) if category == "0201" else (104, 96, 66)
            for k in range(4):
                draw.ellipse(
                    (x - 190 + k * 40, y - 30 + k * 9, x + 200 - k * 30, y + 70), fill=colour
                )
        case "0202":
            draw.ellipse((x - 90, y - 36, x + 90, y + 36), fill=(40, 38, 36))
            draw.chord((x - 90, y - 36, x + 90, y + 36), 200, 320, fill=(82, 80, 78))
        case "0204" | "0303":
            draw.line((x, 150, x, y), fill=(60, 64, 68), width=12)
            draw.line((x, 150, x + 90, 165), fill=(60, 64, 68), width=10)
            draw.line(
                [(x + k * 30, 170 + int(40 * math.sin(k))) for k in range(14)],
                fill=(30, 30, 30),
                width=4,
            )
        case "0302":
            draw.line(
                [(x, 200), (x + 30, 290), (x - 10, 360), (x + 26, 430)], fill=(70, 50, 44), width=9
            )
        case _:
            for _ in range(16):
                dx, dy = int(rng.integers(-140, 140)), int(rng.integers(-40, 60))
                size = int(rng.integers(24, 60))
                shade = tuple(int(v) for v in rng.integers(60, 210, 3))
                draw.ellipse((x + dx, y + dy, x + dx + size, y + dy + size), fill=shade)
