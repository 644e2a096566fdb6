/// The files of a home and the words that a user is told: what every command, node and relay needs
/// before it speaks to anything. `config` reads `config.yaml`, `server` answers requests on the
/// home's Unix socket, `client` asks them; see `docs/protocols/control.md`. Nothing here starts a
/// thread or needs Netty, so that commands start fast.
@NullMarked
package io.peerup.control;

import org.jspecify.annotations.NullMarked;
