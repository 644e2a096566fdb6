package io.peerup.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.UnixDomainPrincipal;
import org.jspecify.annotations.Nullable;

/// Who may be at the other end of a control socket: our own user, and root, who can do anything
/// anyway. The system vouches for the name (`SO_PEERCRED`), whatever the modes of the files say.
public final class TrustedUsers {
  private final UserPrincipal us;
  private final UserPrincipal root;

  private TrustedUsers(UserPrincipal us, UserPrincipal root) {
    this.us = us;
    this.root = root;
  }

  /// @param ours a file or directory that is known to belong to us
  public static TrustedUsers ownerOf(Path ours) throws IOException {
    // A number stands for the user id itself, whatever the name of that user is here.
    UserPrincipal root =
        ours.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("0");
    return new TrustedUsers(Files.getOwner(ours), root);
  }

  /// @param peer the credentials of the other end; null, when the system does not tell, is refused
  public boolean include(@Nullable UnixDomainPrincipal peer) {
    return peer != null && (peer.user().equals(us) || peer.user().equals(root));
  }
}
