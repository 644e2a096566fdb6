/// Primitives that several rooms use for messages and files of their own, each in one line for its
/// callers. Pure functions on arrays; what the stack itself encrypts with lives beside it.
@NullMarked
package io.peerup.libp2p.crypto;

import org.jspecify.annotations.NullMarked;
