/// The relay as a program runs it: a host that dials nobody, lends circuits to authorised members,
/// admits new ones by group codes, and answers its admin on a local socket. `RelayServer` is the
/// assembly; `RelayGater` says who may connect and speak what. Everything blocking runs on virtual
/// threads; the gater runs on event loops and decides from memory.
@NullMarked
package io.peerup.relay.server;

import org.jspecify.annotations.NullMarked;
