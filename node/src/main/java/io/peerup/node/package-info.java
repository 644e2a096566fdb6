/// The daemon: [NodeDaemon] is the assembly that shows every part and the order they start in.
///
/// `network` keeps group memberships and joins new ones, `peers` keeps paths to authorised peers
/// and relays, `services` offers and reaches TCP services, `api` answers the control socket. All of
/// it runs on virtual threads.
@NullMarked
package io.peerup.node;

import org.jspecify.annotations.NullMarked;
