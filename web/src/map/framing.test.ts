import { describe, expect, it } from 'vitest'
import { Framing } from './framing'

const TOWN = { lon: 119.05, lat: 25.42, zoom: 11 }
const CASE = { lon: 119.061, lat: 25.431, zoom: 15 }

describe('a map', () => {
  it('that was fitted before its page had settled is fitted again', () => {
    const framing = new Framing<string>()
    framing.fit('town', TOWN)
    expect(framing.resized(TOWN)).toEqual({ fit: 'town' })
  })

  it('stays at the case that was opened, also when its panel closes', () => {
    const framing = new Framing<string>()
    framing.fit('town', TOWN)
    framing.go(CASE)
    framing.arrived(CASE)
    expect(framing.resized(CASE)).toBeNull()
  })

  it('arrives at the case although the opening panel changes its size on the way', () => {
    const framing = new Framing<string>()
    framing.fit('town', TOWN)
    framing.go(CASE)
    const half = { lon: 119.055, lat: 25.425, zoom: 13 }
    framing.arrived(half)
    expect(framing.resized(half)).toEqual({ jump: CASE })
    framing.arrived(CASE)
    expect(framing.resized(CASE)).toBeNull()
  })

  it('stays where a hand has put it, wherever it was going', () => {
    const framing = new Framing<string>()
    framing.fit('town', TOWN)
    framing.go(CASE)
    framing.taken()
    expect(framing.resized({ lon: 119.2, lat: 25.3, zoom: 12 })).toBeNull()
  })

  it('stays where a button or a wheel has put it', () => {
    const framing = new Framing<string>()
    framing.fit('town', TOWN)
    expect(framing.resized({ ...TOWN, zoom: 12 })).toBeNull()
  })
})
