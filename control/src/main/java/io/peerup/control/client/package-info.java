/// The commands' side of the control socket: a small HTTP/1.1 client on the JDK's socket channels,
/// which loads nothing else so that commands start fast. Runs on the caller's thread. See
/// `docs/protocols/control.md`.
@NullMarked
package io.peerup.control.client;

import org.jspecify.annotations.NullMarked;
