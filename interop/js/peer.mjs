// A js-libp2p node driven by JSON lines: one command object a line on stdin, one answer or event a line on
// stdout. Commands run concurrently. OurPeer.java understands the same commands.
//
//   {"id":1,"cmd":"start","listen":[…],"relay":false,"security":"/noise","quic":false} → {"id":1,"ok":true,"peerId":…,"addrs":[…]}
//   connect {addr} · identify {peer} · ping {peer,count} · disconnect {peer} · connections
//   serve {protocol}, which every connected peer is told of · known {peer}, what it told us last
//   echo {peer,streams,bytes} · upload|download|lateReply|earlyFin {peer,bytes}
//   resetByListener|resetByDialer {peer} · open {peer,protocol} · perf {peer,upload,download} · stop
//
// A failed command answers {"id":…,"ok":false,"error":…}. A stream served ends in
// {"event":"served","protocol":…,"outcome":"done|reset|failed",…}. Ends with its stdin.

import { createInterface } from 'node:readline'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { noise } from '@libp2p/noise'
import { tls } from '@libp2p/tls'
import { yamux } from '@libp2p/yamux'
import { tcp } from '@libp2p/tcp'
import { identify, identifyPush } from '@libp2p/identify'
import { ping } from '@libp2p/ping'
import { circuitRelayServer, circuitRelayTransport } from '@libp2p/circuit-relay-v2'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { ask, serveAll } from './protocols.mjs'

const DEFAULT_TIMEOUT_MS = 30_000
const say = (object) => process.stdout.write(JSON.stringify(object) + '\n')

// A native library: asked for only where it is tested.
const quicTransport = async () => (await import('@chainsafe/libp2p-quic')).quic()

let node

async function start ({ listen = [], relay = false, relayLimits = false, keyType = 'Ed25519', security = '/noise', quic = false }) {
  // By default only one identify stream at a time is served: ours would collide with the automatic one.
  const many = { maxInboundStreams: 64, maxOutboundStreams: 64 }
  const services = { identify: identify(many), identifyPush: identifyPush(many), ping: ping(many) }
  if (relay) {
    services.relay = circuitRelayServer({
      reservations: { maxReservations: 1000, applyDefaultLimit: relayLimits }
    })
  }
  node = await createLibp2p({
    privateKey: await generateKeyPair(keyType),
    addresses: { listen },
    transports: [tcp(), circuitRelayTransport(), ...(quic ? [await quicTransport()] : [])],
    connectionEncrypters: [security === '/noise' ? noise() : tls()],
    streamMuxers: [yamux()],
    services,
    // Limits for the open Internet would only get in the way of tests on one loopback address.
    connectionManager: {
      maxConnections: 10_000,
      inboundConnectionThreshold: Infinity,
      maxIncomingPendingConnections: 1000,
      inboundUpgradeTimeout: DEFAULT_TIMEOUT_MS,
      dialTimeout: DEFAULT_TIMEOUT_MS,
      addressDialTimeout: DEFAULT_TIMEOUT_MS
    }
  })
  await serveAll(node, (protocol, outcome) => say({ event: 'served', protocol, ...outcome }))
  const circuits = listen.filter((address) => address.includes('/p2p-circuit')).length
  const deadline = Date.now() + DEFAULT_TIMEOUT_MS
  const addresses = () => node.getMultiaddrs().map(String)
  while (addresses().filter((address) => address.includes('/p2p-circuit')).length < circuits) {
    if (Date.now() > deadline) throw new Error('no reservation')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return { peerId: node.peerId.toString(), addrs: addresses() }
}

function describe (connection) {
  return {
    peerId: connection.remotePeer.toString(),
    addr: connection.remoteAddr.toString(),
    direction: connection.direction,
    security: connection.encryption,
    muxer: connection.multiplexer,
    limited: connection.limits != null
  }
}

function connectionTo (peer) {
  const connections = node.getConnections(peerIdFromString(peer))
  if (connections.length === 0) throw new Error(`not connected to ${peer}`)
  return connections[0]
}

const commands = {
  start,

  async connect ({ addr }, signal) {
    return describe(await node.dial(multiaddr(addr), { signal }))
  },

  async identify ({ peer }, signal) {
    const result = await node.services.identify.identify(connectionTo(peer), { signal })
    return {
      peerId: result.peerId.toString(),
      agent: result.agentVersion,
      protocolVersion: result.protocolVersion,
      protocols: result.protocols,
      listenAddrs: result.listenAddrs.map(String),
      observedAddr: result.observedAddr?.toString(),
      signedRecord: result.signedPeerRecord?.seq?.toString()
    }
  },

  async ping ({ peer, count = 1 }, signal) {
    const rttMs = []
    for (let i = 0; i < count; i++) {
      rttMs.push(await node.services.ping.ping(peerIdFromString(peer), { signal }))
    }
    return { rttMs }
  },

  async serve ({ protocol }) {
    await node.handle(protocol, (stream) => stream.close())
    return {}
  },

  async known ({ peer }) {
    return { protocols: (await node.peerStore.get(peerIdFromString(peer))).protocols }
  },

  async disconnect ({ peer }) {
    await node.hangUp(peerIdFromString(peer))
    return {}
  },

  async connections () {
    return { connections: node.getConnections().map(describe) }
  },

  async stop () {
    await node?.stop()
    return {}
  }
}

for (const [name, run] of Object.entries(ask)) {
  commands[name] = async (command, signal) => {
    const connection = connectionTo(command.peer)
    const opened = []
    const open = async (protocol) => {
      const stream = await connection.newStream(protocol, {
        signal, maxOutboundStreams: 1000, runOnLimitedConnection: true
      })
      opened.push(stream)
      return stream
    }
    signal.addEventListener('abort', () => opened.forEach((stream) => stream.abort(new Error('timeout'))))
    return await run(open, command)
  }
}

async function execute (line) {
  const command = JSON.parse(line)
  const controller = new AbortController()
  const timeoutMs = command.timeoutMs ?? DEFAULT_TIMEOUT_MS
  const timer = setTimeout(() => controller.abort(new Error(`not done after ${timeoutMs} ms`)), timeoutMs)
  try {
    if (commands[command.cmd] == null) throw new Error(`no such command: ${command.cmd}`)
    say({ id: command.id, ok: true, ...await commands[command.cmd](command, controller.signal) })
  } catch (error) {
    const causes = (error.errors ?? []).map((cause) => cause.message)
    say({ id: command.id, ok: false, error: [`${error.name}: ${error.message}`, ...causes].join('; ') })
  } finally {
    clearTimeout(timer)
  }
}

process.on('unhandledRejection', (error) => console.error('unhandled rejection', error))
createInterface({ input: process.stdin })
  .on('line', execute)
  .on('close', () => process.exit(0))
say({ event: 'ready', implementation: 'js-libp2p' })
