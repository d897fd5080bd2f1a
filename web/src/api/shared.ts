/**
 * One live connection a browser: the tab that holds the lock listens, the others hear it through a
 * channel. A seventh open stream would block every further request to the same origin (HTTP/1.1).
 * Where there are no locks (plain http in a local network) each tab listens for itself.
 */
export interface Heard { event: string, data: string }

interface Feed { close: () => void }

/**
 * Follow a feed until it is closed.
 *
 * `url` is asked anew whenever this tab begins to listen, so that it can say what it has already;
 * `lost` is called when the connection of the listening tab broke, and closes the feed.
 */
export function follow(name: string, url: () => string, events: string[], hear: (one: Heard) => void, opened: () => void, lost: () => void): Feed {
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel(name) : null
  const over = new AbortController()
  let source: EventSource | null = null
  let release: (() => void) | null = null

  function listen(): void {
    source = new EventSource(url())
    source.onopen = () => {
      opened()
      channel?.postMessage({ event: 'open', data: '' })
    }
    source.onerror = lost
    for (const event of events) {
      source.addEventListener(event, (message) => {
        const one = { event, data: (message as MessageEvent<string>).data }
        channel?.postMessage(one)
        hear(one)
      })
    }
  }

  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Heard>) => {
      if (data.event === 'hello') {
        if (source?.readyState === EventSource.OPEN)
          channel.postMessage({ event: 'open', data: '' })
        return
      }
      opened()
      if (data.event !== 'open')
        hear(data)
    }
    channel.postMessage({ event: 'hello', data: '' })
  }
  if (channel && 'locks' in navigator) {
    void navigator.locks.request(name, { signal: over.signal }, () => new Promise<void>((done) => {
      release = done
      listen()
    })).catch(() => undefined)
  }
  else {
    listen()
  }

  return {
    close() {
      over.abort()
      source?.close()
      channel?.close()
      release?.()
    },
  }
}
