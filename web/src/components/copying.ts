/** Put words where they can be pasted; false when the browser does not let us. */
export async function copyText(words: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(words)
    return true
  }
  catch {
    // On plain http there is no clipboard; the old way still works there.
    const field = document.createElement('textarea')
    field.value = words
    document.body.append(field)
    field.select()
    const done = document.execCommand('copy')
    field.remove()
    return done
  }
}
