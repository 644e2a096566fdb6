/// How two devices that share a short code find each other through a relay
/// (`docs/protocols/rendezvous.md`): the messages of `/peerup/rendezvous/1` and the relay's table
/// of who waits for whom. The relay learns selectors and peer ids, never secrets.
@NullMarked
package io.peerup.pairing.rendezvous;

import org.jspecify.annotations.NullMarked;
