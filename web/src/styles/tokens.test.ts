import { describe, expect, it } from 'vitest'
import tokens from './tokens.css?raw'

const sources = import.meta.glob('../**/*.{vue,ts,css}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>
const pages = Object.entries(sources).filter(([file]) => !/tokens\.css$|\.test\.ts$|api\/types\.ts$/.test(file))
const RAW = /#[0-9a-f]{3,8}(?![\w-])|\b(?:rgba?|hsla?|oklch|lab)\(|(?:color|background|border|fill|stroke)[\w-]*:\s*(?:white|black|red|green|blue|gr[ae]y|orange|yellow)\b/i
const words = (source: string): string => source.replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|\/\/ .*/g, '').replace(/:to="[^"]*"|href="#[^"]*"/g, '')

describe('colours', () => {
  it('stand in one file', () => expect(pages.length).toBeGreaterThan(80))
  it('are written nowhere else', () =>
    expect(pages.flatMap(([file, source]) => words(source).split('\n').filter(line => RAW.test(line)).map(line => `${file}: ${line.trim()}`))).toEqual([]))

  it('that are used exist', () => {
    const known = new Set([...tokens.matchAll(/^\s*(--[\w-]+):/gm)].map(match => match[1]))
    const used = [...pages, ['tokens', tokens] as const].flatMap(([file, source]) => [...source.matchAll(/var\((--[\w-]+)/g)].map(match => [file, match[1]!] as const))
    expect(used.length).toBeGreaterThan(200)
    expect(used.filter(([, name]) => !known.has(name))).toEqual([])
  })

  it('are all used', () => {
    const names = [...tokens.matchAll(/^\s*(--[\w-]+):/gm)].map(match => match[1]!)
    const all = Object.values(sources).join('\n')
    expect([...new Set(names)].filter(name => !all.includes(`var(${name})`) && !all.includes(`'${name}'`))).toEqual([])
  })
})
