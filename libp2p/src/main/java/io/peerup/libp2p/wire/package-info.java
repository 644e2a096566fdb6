/// How messages look as bytes: varints, length-prefixed fields and the protobuf subset that libp2p
/// uses; and how bytes look as text: base58, multibase, IP literals. Pure functions on arrays;
/// every decoder is bounded and throws only [io.peerup.libp2p.MalformedInput].
@NullMarked
package io.peerup.libp2p.wire;

import org.jspecify.annotations.NullMarked;
