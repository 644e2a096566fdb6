// A js-libp2p node for the side-by-side benchmark, driven by JSON lines like peer.mjs. OurPeer.java in bench/
// understands the same commands and measures in the same places.
//
//   {"id":1,"cmd":"start","listen":[…],"security":"/noise","relay":false,"identify":false} → {"id":1,"ok":true,"peerId":…,"addrs":[…]}
//   connect {addr} · transfer {peer,upload,download,streams} · requests {peer,bytes,seconds} ·
//   rate {addr,seconds,inFlight}
//
// A failed command answers {"id":…,"ok":false,"error":…}. Ends with its stdin.

import { createInterface } from 'node:readline'
import { randomBytes } from 'node:crypto'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { yamux } from '@libp2p/yamux'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { quic } from '@chainsafe/libp2p-quic'
import { identify } from '@libp2p/identify'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { Reader, write } from './streams.mjs'

const PERF = '/perf/1.0.0'
const ECHO = '/peerup-bench/echo/1.0.0' // ping without its limit of two streams a peer
const PING_BYTES = 32
const SECURITY = { '/noise': noise, '/tls/1.0.0': tls }
const CHUNK = Buffer.alloc(64 * 1024)
const TIMEOUT_MS = 60_000
const SHARED = { maxInboundStreams: 1000, maxOutboundStreams: 1000, runOnLimitedConnection: true }
const say = (object) => process.stdout.write(JSON.stringify(object) + '\n')

let node
let security
const dialers = []

async function create (listen, services) {
  return await createLibp2p({
    privateKey: await generateKeyPair('Ed25519'),
    addresses: { listen },
    transports: [tcp(), quic(), ...(services.identify == null ? [] : [circuitRelayTransport()])],
    connectionEncrypters: [SECURITY[security]()],
    streamMuxers: [yamux()],
    services,
    // Limits for the open Internet would be what is measured on one loopback address.
    connectionManager: {
      maxConnections: 10_000,
      inboundConnectionThreshold: Infinity,
      maxIncomingPendingConnections: 1000,
      inboundUpgradeTimeout: TIMEOUT_MS,
      dialTimeout: TIMEOUT_MS,
      addressDialTimeout: TIMEOUT_MS
    }
  })
}

async function start ({ listen = [], security: name = '/noise', relay = false, identify: identifies = false }) {
  security = name
  const circuits = listen.filter((address) => address.includes('/p2p-circuit')).length
  const services = {}
  if (identifies || relay || circuits > 0) services.identify = identify()
  if (relay) {
    services.relay = circuitRelayServer({ reservations: { maxReservations: 1000, applyDefaultLimit: false } })
  }
  node = await create(listen, services)
  await node.handle(PERF, servePerf, SHARED)
  await node.handle(ECHO, servePing, SHARED)
  const addresses = () => node.getMultiaddrs().map(String)
  const deadline = Date.now() + TIMEOUT_MS
  while (addresses().filter((address) => address.includes('/p2p-circuit')).length < circuits) {
    if (Date.now() > deadline) throw new Error('no reservation')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { peerId: node.peerId.toString(), addrs: addresses() }
}

async function servePerf (stream) {
  try {
    const reader = new Reader(stream)
    const wanted = Number((await reader.exactly(8)).readBigUInt64BE())
    while (await reader.next() != null) { /* only counts for the peer */ }
    await send(stream, wanted)
    await stream.close()
  } catch (error) {
    stream.abort(error)
  }
}

function servePing (stream) {
  stream.addEventListener('message', (event) => {
    stream.send(event.data.subarray())
  })
  stream.addEventListener('remoteCloseWrite', () => { stream.close().catch(() => {}) })
}

async function send (stream, bytes) {
  for (let sent = 0; sent < bytes; sent += CHUNK.byteLength) {
    const left = bytes - sent
    await write(stream, left < CHUNK.byteLength ? CHUNK.subarray(0, left) : CHUNK)
  }
}

function connectionTo (peer) {
  const connections = node.getConnections(peerIdFromString(peer))
  if (connections.length === 0) throw new Error(`not connected to ${peer}`)
  return connections[0]
}

async function pingOnce (stream, reader) {
  const payload = randomBytes(PING_BYTES)
  const began = process.hrtime.bigint()
  await write(stream, payload)
  const echo = await reader.exactly(PING_BYTES)
  const micros = Number(process.hrtime.bigint() - began) / 1000
  if (!payload.equals(echo)) throw new Error('another echo')
  return micros
}

async function perf (peer, upload, download) {
  const stream = await connectionTo(peer).newStream(PERF, SHARED)
  const reader = new Reader(stream)
  const header = Buffer.alloc(8)
  header.writeBigUInt64BE(BigInt(download))
  await write(stream, header)
  await send(stream, upload)
  await stream.close()
  let have = 0
  for (let chunk; (chunk = await reader.next()) != null;) have += chunk.byteLength
  if (have !== download) throw new Error(`${have} of ${download} bytes came`)
}

const secondsSince = (began) => Number(process.hrtime.bigint() - began) / 1e9

const commands = {
  start,

  async connect ({ addr }) {
    const connection = await node.dial(multiaddr(addr))
    return { peerId: connection.remotePeer.toString(), limited: connection.limits != null }
  },

  // So many bytes each way, on as many streams each; both ways at a time.
  async transfer ({ peer, upload, download, streams }) {
    const began = process.hrtime.bigint()
    const all = []
    for (let i = 0; i < streams; i++) {
      if (upload > 0) all.push(perf(peer, Math.floor(upload / streams), 0))
      if (download > 0) all.push(perf(peer, 0, Math.floor(download / streams)))
    }
    await Promise.all(all)
    return { seconds: secondsSince(began) }
  },

  async requests ({ peer, bytes, seconds }) {
    const stream = await connectionTo(peer).newStream(ECHO, SHARED)
    const reader = new Reader(stream)
    const request = Buffer.alloc(bytes)
    const micros = []
    const began = process.hrtime.bigint()
    while (secondsSince(began) < seconds) {
      const sent = process.hrtime.bigint()
      await write(stream, request)
      await reader.exactly(bytes)
      micros.push(Number(process.hrtime.bigint() - sent) / 1000)
    }
    await stream.close()
    return { micros }
  },

  async rate ({ addr, seconds, inFlight }) {
    const target = multiaddr(addr)
    // A node of its own for each, because one node joins its dials to the same target into one connection.
    while (dialers.length < inFlight) dialers.push(await create([], {}))
    const began = process.hrtime.bigint()
    let count = 0
    await Promise.all(dialers.map(async (dialer) => {
      while (secondsSince(began) < seconds) {
        // On a busy machine js-libp2p gives some up; only whole ones count.
        try {
          const connection = await dialer.dial(target, { force: true })
          const stream = await connection.newStream(ECHO, SHARED)
          await pingOnce(stream, new Reader(stream))
          await connection.close()
          count++
        } catch (error) {
          console.error('connection failed', error)
        }
      }
    }))
    return { count, seconds: secondsSince(began) }
  }
}

async function execute (line) {
  const command = JSON.parse(line)
  try {
    say({ id: command.id, ok: true, ...await commands[command.cmd](command) })
  } catch (error) {
    say({ id: command.id, ok: false, error: String(error.stack) })
  }
}

process.on('unhandledRejection', (error) => console.error('unhandled rejection', error))
createInterface({ input: process.stdin })
  .on('line', execute)
  .on('close', () => process.exit(0))
say({ event: 'ready', versions: { node: process.version, libp2p: '3.3.11' } })
