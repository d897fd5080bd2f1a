/**
 * What a map's view was put to, and what may change it.
 *
 * A view that a person or a case has set stays through every resize. Only a fit that is still untouched
 * is made again, because it was made before the page had settled; and a journey that a resize
 * interrupts arrives.
 */
export interface Camera { lon: number, lat: number, zoom: number }

const NEAR_DEGREES = 1e-6
const NEAR_ZOOM = 1e-3

export function same(a: Camera, b: Camera): boolean {
  return Math.abs(a.lon - b.lon) < NEAR_DEGREES && Math.abs(a.lat - b.lat) < NEAR_DEGREES && Math.abs(a.zoom - b.zoom) < NEAR_ZOOM
}

export class Framing<Box> {
  private fitted: { box: Box, camera: Camera } | null = null
  private aim: Camera | null = null

  /** The view was fitted to a box, and is now there. */
  fit(box: Box, camera: Camera): void {
    this.fitted = { box, camera }
    this.aim = null
  }

  /** The view is on its way to a case, a place or a presenter. */
  go(camera: Camera): void {
    this.fitted = null
    this.aim = camera
  }

  /** A hand has taken the map. */
  taken(): void {
    this.fitted = null
    this.aim = null
  }

  /** A movement has ended here. */
  arrived(camera: Camera): void {
    if (this.aim && same(this.aim, camera))
      this.aim = null
  }

  /** What to do after the map's frame has changed its size. */
  resized(camera: Camera): { fit: Box } | { jump: Camera } | null {
    if (this.aim)
      return { jump: this.aim }
    return this.fitted && same(this.fitted.camera, camera) ? { fit: this.fitted.box } : null
  }
}
