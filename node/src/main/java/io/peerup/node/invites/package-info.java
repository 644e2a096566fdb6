/// Pairing two devices with a code or a link: the inviter's and the joiner's side around the
/// machines of `pairing`, and what of it is kept on disk. By code: `Invites` and `PairingServer` on
/// one side, `CodeJoiner` on the other; by link: `Links` and `Acceptances`.
@NullMarked
package io.peerup.node.invites;

import org.jspecify.annotations.NullMarked;
