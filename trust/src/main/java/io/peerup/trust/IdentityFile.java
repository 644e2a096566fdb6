package io.peerup.trust;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PrivateKey;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// The private key that makes a home one peer: `identity.key`, the libp2p `PrivateKey` protobuf,
/// mode 0600. Made once; nothing here replaces it. Blocks on the disk.
public final class IdentityFile {

  private IdentityFile() {}

  /// The identity of this home, or empty if it has none yet.
  ///
  /// @throws Failure `file-unsafe` if others could read the file, `identity-damaged` if it holds no
  ///   key
  public static Optional<PrivateKey> load(Home home) {
    Optional<byte[]> stored = PrivateFiles.readIfExists(home.identityKey());
    if (stored.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = stored.get();
    try {
      return Optional.of(PrivateKey.decode(bytes));
    } catch (MalformedInput e) {
      throw new Failure(
          "identity-damaged",
          home.identityKey() + " does not hold a libp2p private key: " + e.getMessage(),
          "restore the file from a backup; without one, move it away and run `peerup init` for a"
              + " new identity, which must be paired again",
          e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /// The identity of this home, made now if it has none. The home's directories must exist.
  ///
  /// @throws Failure what [#load] throws; `identity-missing` if there is no key although the home
  ///   has groups: everybody in them knows it by the key that was lost
  public static PrivateKey loadOrCreate(Home home, KeyRandom random) {
    Optional<PrivateKey> present = load(home);
    if (present.isPresent()) {
      return present.get();
    }
    Path groups = home.state("groups.json");
    if (Files.exists(groups, LinkOption.NOFOLLOW_LINKS)) {
      throw new Failure(
          "identity-missing",
          home.identityKey() + " is missing, but " + groups + " is there",
          "restore identity.key from a backup; without one, move groups.json away and pair again"
              + " with a new identity");
    }
    PrivateKey fresh = PrivateKey.generate(random);
    byte[] bytes = fresh.encoded();
    try {
      PrivateFiles.write(home.identityKey(), bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
    return fresh;
  }
}
