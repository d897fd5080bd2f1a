/** Colours for the map: it draws on a canvas, which knows no variables, so they are read from `styles/tokens.css`. */
const VARIABLE = /^var\((--[\w-]+)\)$/

/** A colour as the canvas takes it. */
export function paint(colour: string): string {
  const name = VARIABLE.exec(colour)?.[1]
  return name ? getComputedStyle(document.documentElement).getPropertyValue(name).trim() || 'black' : colour
}
