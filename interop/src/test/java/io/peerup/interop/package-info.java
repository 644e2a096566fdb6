/// Other implementations as real processes on loopback. Every peer, ours and others, is a child
/// process that takes commands and gives answers as JSON lines; tests pair them up.
/// `docs/protocols/interop.md` says what is tested against what.
@NullMarked
package io.peerup.interop;

import org.jspecify.annotations.NullMarked;
