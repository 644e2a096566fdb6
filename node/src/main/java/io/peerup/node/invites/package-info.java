/// Pairing two devices with a code: the inviter's and the joiner's side around the machines of
/// `pairing`, and what of it is kept on disk.
@NullMarked
package io.peerup.node.invites;

import org.jspecify.annotations.NullMarked;
