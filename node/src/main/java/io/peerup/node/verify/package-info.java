/// Verification: two people find out that the two ends of a connection are in their hands
/// (`docs/protocols/verification.md`). [io.peerup.node.verify.Verifications] is the table of runs
/// and the handler of the protocol, [io.peerup.node.verify.Run] performs one, each on virtual
/// threads; the machines are in `pairing`.
@NullMarked
package io.peerup.node.verify;

import org.jspecify.annotations.NullMarked;
