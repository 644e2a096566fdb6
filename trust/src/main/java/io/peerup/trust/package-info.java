/// Who may speak to us: the file `authorized_keys` (`docs/protocols/authorized-keys.md`) and the
/// one class that decides from it; and who we are: [io.peerup.trust.IdentityFile]. May use `libp2p`
/// for identities and `control` for private files and failures. [io.peerup.trust.AuthorizedKeys]
/// and [io.peerup.trust.Authorizer] never block and may be asked from event loops;
/// [io.peerup.trust.AuthorizedKeysFile] watches the file on a virtual thread of its own.
@NullMarked
package io.peerup.trust;

import org.jspecify.annotations.NullMarked;
