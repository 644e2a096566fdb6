package io.peerup.trust;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// The private key that makes a home one peer: `identity.key`, mode 0600, either the libp2p
/// `PrivateKey` protobuf or a [SealedKey]. Nothing here replaces one that is there. Blocks on the
/// disk.
public final class IdentityFile {

  private IdentityFile() {}

  /// The identity of this home, or empty if it has none yet. `passphrases` is asked only if the
  /// file is sealed; then this takes a second.
  ///
  /// @throws Failure `file-unsafe` if others could read the file, `identity-damaged` if it holds no
  ///   key, `wrong-passphrase`, what `passphrases` throws
  public static Optional<PrivateKey> load(Home home, Passphrase.Source passphrases) {
    return PrivateFiles.readIfExists(home.identityKey())
        .map(file -> open(home.identityKey(), file, passphrases));
  }

  /// Who this home is, or empty if it has no identity yet. Asks for no passphrase: of a sealed
  /// identity it returns what the file says. @throws Failure as [#load]
  public static Optional<PeerId> peerId(Home home) {
    Optional<SealedKey> sealed = sealed(home);
    if (sealed.isPresent()) {
      return sealed.map(each -> PeerId.of(each.owner()));
    }
    Optional<PrivateKey> key = load(home, Passphrase.Source.NONE);
    key.ifPresent(PrivateKey::destroy);
    return key.map(PrivateKey::peerId);
  }

  /// The seal of this home's identity; empty if there is none. @throws Failure as [#load]
  public static Optional<SealedKey> sealed(Home home) {
    Path name = home.identityKey();
    Optional<byte[]> file = PrivateFiles.readIfExists(name);
    try {
      return file.filter(SealedKey::isSealed).map(bytes -> decode(name, bytes));
    } finally {
      file.ifPresent(IdentityFile::wipe);
    }
  }

  /// The identity of this home, made now if it has none. The home's directories must exist.
  ///
  /// @throws Failure what [#load] throws; `identity-missing` if there is no key although the home
  ///   has groups: everybody in them knows it by the key that was lost
  public static PrivateKey loadOrCreate(
      Home home, KeyRandom random, Passphrase.Source passphrases) {
    Optional<PrivateKey> present = load(home, passphrases);
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
    write(home, fresh);
    return fresh;
  }

  /// Writes a key that no passphrase protects.
  static void write(Home home, PrivateKey key) {
    byte[] bytes = key.encoded();
    try {
      PrivateFiles.write(home.identityKey(), bytes);
    } finally {
      wipe(bytes);
    }
  }

  /// The key in the bytes of a file of this name; they are wiped.
  static PrivateKey open(Path name, byte[] file, Passphrase.Source passphrases) {
    try {
      if (!SealedKey.isSealed(file)) {
        return PrivateKey.decode(file);
      }
      SealedKey sealed = decode(name, file);
      try (Passphrase passphrase = passphrases.ask(name.toString())) {
        return sealed
            .open(passphrase)
            .orElseThrow(() ->
                new Failure(
                    "wrong-passphrase",
                    "this passphrase does not open " + name,
                    "try again; if it is surely right, the file was altered: restore it from a"
                        + " backup"));
      }
    } catch (MalformedInput e) {
      throw damaged(name, e);
    } finally {
      wipe(file);
    }
  }

  private static SealedKey decode(Path name, byte[] file) {
    try {
      return SealedKey.decode(file);
    } catch (MalformedInput e) {
      throw damaged(name, e);
    }
  }

  private static Failure damaged(Path name, MalformedInput why) {
    return new Failure(
        "identity-damaged",
        name + " does not hold a private key that can be used: " + why.getMessage(),
        "restore the file from a backup; without one, make a new identity, which must be paired"
            + " again: peerup init --force --yes-replace-identity",
        why);
  }

  private static void wipe(byte[] secret) {
    Arrays.fill(secret, (byte) 0);
  }
}
