// The test protocols, both ends. OurPeer.java speaks exactly the same ones.
//
//   echo        everything read is written back; FIN answers FIN
//   sink        reads to FIN, then answers u64 BE count and SHA-256, FIN
//   source      reads u64 BE n, then sends n bytes and their SHA-256, FIN
//   late-reply  reads to FIN, waits a moment, then sends what it read, reversed, FIN
//   early-fin   sends FIN at once and only then reads to the peer's FIN
//   reset       reads one byte; 'L': resets; 'D': answers 'd' and expects to be reset

import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Reader, write } from './streams.mjs'

const PREFIX = '/peerup-test/'
export const ECHO = PREFIX + 'echo/1.0.0'
export const SINK = PREFIX + 'sink/1.0.0'
export const SOURCE = PREFIX + 'source/1.0.0'
export const LATE_REPLY = PREFIX + 'late-reply/1.0.0'
export const EARLY_FIN = PREFIX + 'early-fin/1.0.0'
export const RESET = PREFIX + 'reset/1.0.0'
export const PERF = '/perf/1.0.0'

const CHUNK = 64 * 1024
const LATE_MS = 100

/** Writes `total` bytes that repeat nowhere and returns their SHA-256. */
async function writePattern (stream, total) {
  const hash = createHash('sha256')
  const seed = randomBytes(CHUNK)
  for (let sent = 0; sent < total;) {
    const chunk = Buffer.from(seed.subarray(0, Math.min(CHUNK, total - sent)))
    if (chunk.byteLength >= 8) chunk.writeBigUInt64BE(BigInt(sent))
    hash.update(chunk)
    sent += chunk.byteLength
    await write(stream, chunk)
  }
  return hash.digest()
}

function u64 (value) {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

function sha256 (bytes) {
  return createHash('sha256').update(bytes).digest()
}

function same (what, actual, expected) {
  if (!Buffer.from(actual).equals(Buffer.from(expected))) throw new Error(`${what} differs`)
}

// ---- listening side: each returns { bytes, sha256 } for the report ----

const serve = {
  async [SINK] (stream, reader) {
    const hash = createHash('sha256')
    let bytes = 0
    for (let chunk; (chunk = await reader.next()) != null;) {
      bytes += chunk.byteLength
      hash.update(chunk)
    }
    const digest = hash.digest()
    await write(stream, Buffer.concat([u64(bytes), digest]))
    await stream.close()
    return { bytes, sha256: digest.toString('hex') }
  },

  async [SOURCE] (stream, reader) {
    const total = Number((await reader.exactly(8)).readBigUInt64BE())
    const digest = await writePattern(stream, total)
    await write(stream, digest)
    await stream.close()
    return { bytes: total, sha256: digest.toString('hex') }
  },

  async [LATE_REPLY] (stream, reader) {
    const question = await reader.rest()
    await sleep(LATE_MS)
    await write(stream, Buffer.from(question).reverse())
    await stream.close()
    return { bytes: question.byteLength }
  },

  async [EARLY_FIN] (stream, reader) {
    await stream.close()
    const all = await reader.rest()
    return { bytes: all.byteLength, sha256: sha256(all).toString('hex') }
  },

  async [RESET] (stream, reader) {
    const mode = String.fromCharCode((await reader.exactly(1))[0])
    if (mode === 'L') {
      stream.abort(new Error('reset on demand'))
      return { bytes: 1 }
    }
    await write(stream, Buffer.from('d'))
    const more = await reader.next()
    throw new Error(more == null ? 'FIN instead of a reset' : 'data instead of a reset')
  },

  async [PERF] (stream, reader) {
    const wanted = Number((await reader.exactly(8)).readBigUInt64BE())
    let bytes = 0
    for (let chunk; (chunk = await reader.next()) != null;) bytes += chunk.byteLength
    const zeros = Buffer.alloc(CHUNK)
    for (let sent = 0; sent < wanted;) {
      const size = Math.min(CHUNK, wanted - sent)
      await write(stream, zeros.subarray(0, size))
      sent += size
    }
    await stream.close()
    return { bytes }
  }
}

/** Serves echo the way js programs usually do, by the stream's own iterator, weaknesses included. */
async function plainEcho (stream) {
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.byteLength
    await write(stream, chunk.subarray())
  }
  await stream.close()
  return { bytes }
}

/** Serves every test protocol on the node; `report(protocol, outcome)` hears how each stream ended. */
export async function serveAll (node, report) {
  const handlers = Object.fromEntries(Object.entries(serve)
    .map(([protocol, handler]) => [protocol, (stream) => handler(stream, new Reader(stream))]))
  handlers[ECHO] = plainEcho
  for (const [protocol, handler] of Object.entries(handlers)) {
    await node.handle(protocol, async (stream, connection) => {
      const peer = connection.remotePeer.toString()
      try {
        report(protocol, { peer, outcome: 'done', ...await handler(stream) })
      } catch (error) {
        const reset = error.name === 'StreamResetError'
        report(protocol, { peer, outcome: reset ? 'reset' : 'failed', message: String(error.message) })
        if (!reset) stream.abort(error)
      }
    }, { maxInboundStreams: 1000, maxOutboundStreams: 1000, runOnLimitedConnection: true })
  }
}

// ---- dialling side ----

export const ask = {
  async echo (open, { streams, bytes }) {
    await Promise.all(Array.from({ length: streams }, async () => {
      const stream = await open(ECHO)
      const reader = new Reader(stream)
      const sent = randomBytes(bytes)
      const reading = reader.rest(bytes)
      for (let at = 0; at < bytes; at += CHUNK) await write(stream, sent.subarray(at, at + CHUNK))
      await stream.close()
      same('the echo', await reading, sent)
    }))
    return { streams, bytes }
  },

  async upload (open, { bytes }) {
    const stream = await open(SINK)
    const reader = new Reader(stream)
    const digest = await writePattern(stream, bytes)
    await stream.close()
    same('count and hash', await reader.rest(), Buffer.concat([u64(bytes), digest]))
    return { bytes }
  },

  async download (open, { bytes }) {
    const stream = await open(SOURCE)
    const reader = new Reader(stream)
    await write(stream, u64(bytes))
    await stream.close()
    const hash = createHash('sha256')
    let have = 0
    let tail = Buffer.alloc(0)
    for (let chunk; (chunk = await reader.next()) != null;) {
      const body = Math.min(chunk.byteLength, bytes - have)
      hash.update(chunk.subarray(0, body))
      have += body
      tail = Buffer.concat([tail, chunk.subarray(body)])
    }
    if (have !== bytes) throw new Error(`${have} of ${bytes} bytes came`)
    same('the hash', tail, hash.digest())
    return { bytes }
  },

  async lateReply (open, { bytes }) {
    const stream = await open(LATE_REPLY)
    const reader = new Reader(stream)
    const question = randomBytes(bytes)
    await write(stream, question)
    await stream.close()
    same('the reply after our FIN', await reader.rest(bytes), Buffer.from(question).reverse())
    return { bytes }
  },

  async earlyFin (open, { bytes }) {
    const stream = await open(EARLY_FIN)
    const reader = new Reader(stream)
    if (await reader.next() != null) throw new Error('data instead of a FIN')
    const digest = await writePattern(stream, bytes)
    await stream.close()
    return { bytes, sha256: digest.toString('hex') }
  },

  async resetByListener (open) {
    const stream = await open(RESET)
    const reader = new Reader(stream)
    await write(stream, Buffer.from('L'))
    try {
      const chunk = await reader.next()
      return { outcome: chunk == null ? 'fin' : 'data' }
    } catch (error) {
      return { outcome: error.name === 'StreamResetError' ? 'reset' : String(error) }
    }
  },

  async resetByDialer (open) {
    const stream = await open(RESET)
    const reader = new Reader(stream)
    await write(stream, Buffer.from('D'))
    same('the answer', await reader.exactly(1), Buffer.from('d'))
    stream.abort(new Error('reset on demand'))
    return {}
  },

  async open (open, { protocol }) {
    await (await open(protocol)).close()
    return {}
  },

  async perf (open, { upload, download }) {
    const stream = await open(PERF)
    const reader = new Reader(stream)
    await write(stream, u64(download))
    const zeros = Buffer.alloc(CHUNK)
    for (let sent = 0; sent < upload; sent += CHUNK) {
      await write(stream, zeros.subarray(0, Math.min(CHUNK, upload - sent)))
    }
    await stream.close()
    let have = 0
    for (let chunk; (chunk = await reader.next()) != null;) have += chunk.byteLength
    if (have !== download) throw new Error(`${have} of ${download} bytes came`)
    return { upload, download }
  }
}
