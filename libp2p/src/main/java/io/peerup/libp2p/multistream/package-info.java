/// multistream-select: two sides agree on one protocol of a fresh connection or stream. Machines
/// over byte arrays: no sockets, threads or clocks (the deadline belongs to the caller); an event
/// loop feeds them whatever arrived and performs the step they return. Spec: multiformats/
/// multistream-select and libp2p `connections/README.md`.
@NullMarked
package io.peerup.libp2p.multistream;

import org.jspecify.annotations.NullMarked;
