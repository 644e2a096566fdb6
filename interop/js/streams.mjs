// Reading and writing js-libp2p streams as byte pipes, with back-pressure both ways.
//
// Not the stream's own async iterator: it never ends when the FIN arrived before the iteration began
// (js-libp2p 3.3), which is what a peer that negotiates lazily and says everything in one packet causes.

const HIGH_WATER = 1024 * 1024

/** Pulls bytes out of a stream. `next()` gives a chunk, or null after the FIN; it throws after a reset. */
export class Reader {
  #stream
  #chunks = []
  #queued = 0
  #ended = false
  #error
  #wake

  constructor (stream) {
    this.#stream = stream
    stream.addEventListener('end', () => this.#checkEnd())
    stream.addEventListener('remoteCloseWrite', () => queueMicrotask(() => this.#checkEnd()))
    stream.addEventListener('close', (event) => {
      if (event.error != null) this.#error ??= event.error
      this.#ended = true
      this.#notify()
    })
    stream.addEventListener('message', (event) => {
      const bytes = event.data.subarray()
      this.#chunks.push(bytes)
      this.#queued += bytes.byteLength
      if (this.#queued > HIGH_WATER && stream.readStatus === 'readable') stream.pause()
      this.#notify()
      queueMicrotask(() => this.#checkEnd())
    })
    this.#checkEnd()
  }

  // 'end' does not say that everything has been delivered: what came in one packet with the protocol negotiation
  // is put back into the buffer after it.
  #checkEnd () {
    const stream = this.#stream
    if (stream.readBufferLength > 0) return
    const finished = stream.remoteWriteStatus === 'closed' && stream.readStatus !== 'paused'
    if (stream.readableEnded || finished) {
      this.#ended = true
      this.#notify()
    }
  }

  #notify () {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  async next () {
    for (;;) {
      if (this.#chunks.length > 0) {
        const chunk = this.#chunks.shift()
        this.#queued -= chunk.byteLength
        if (this.#queued === 0 && this.#stream.readStatus === 'paused') {
          this.#stream.resume()
          this.#checkEnd()
        }
        return chunk
      }
      if (this.#error != null) throw this.#error
      if (this.#ended) return null
      await new Promise((resolve) => { this.#wake = resolve })
    }
  }

  /** Exactly `count` bytes, or an error if the FIN comes first. */
  async exactly (count) {
    const parts = []
    let have = 0
    while (have < count) {
      const chunk = await this.next()
      if (chunk == null) throw new Error(`FIN after ${have} of ${count} bytes`)
      const take = Math.min(chunk.byteLength, count - have)
      parts.push(chunk.subarray(0, take))
      have += take
      if (take < chunk.byteLength) {
        this.#chunks.unshift(chunk.subarray(take))
        this.#queued += chunk.byteLength - take
      }
    }
    return Buffer.concat(parts)
  }

  /** Everything up to the FIN, as one buffer. */
  async rest (limit = 16 * 1024 * 1024) {
    const parts = []
    let have = 0
    for (let chunk; (chunk = await this.next()) != null;) {
      have += chunk.byteLength
      if (have > limit) throw new Error(`more than ${limit} bytes`)
      parts.push(chunk)
    }
    return Buffer.concat(parts)
  }
}

/** Sends one buffer and waits while the stream says that it is full. */
export async function write (stream, bytes) {
  if (!stream.send(bytes)) await stream.onDrain()
}
