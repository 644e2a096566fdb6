package io.peerup.trust;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What is done to an identity that is there: another passphrase, or another identity. Whoever
/// calls holds the home's lock. Blocks on the disk.
public final class IdentityCare {

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Pattern BACKUP = Pattern.compile("identity\\.key\\.[0-9TZ]{16}\\.bak");

  /// State that another identity can go on with; everything else in `state/` speaks of the old one.
  private static final Set<String> KEPT_STATE = Set.of("services.json");

  private IdentityCare() {}

  /// Puts the identity under another passphrase, or under none. At every moment `identity.key` is
  /// the old file or the new one. The old one is kept beside it until the new one was read back and
  /// opened; then that backup goes, since it opens with what was just replaced, and with it those
  /// that killed runs left.
  ///
  /// @param current asked if the identity is sealed now
  /// @param next nobody's if empty: the key will lie open
  /// @return who this home is
  /// @throws Failure `no-identity`; what [IdentityFile#load] throws
  public static PeerId protect(
      Home home,
      Passphrase.Source current,
      Optional<Passphrase> next,
      KeyRandom random,
      Instant now) {
    PrivateKey key = IdentityFile.load(home, current).orElseThrow(() -> noIdentity(home));
    try {
      Path backup = home.root().resolve("identity.key." + STAMP.format(now) + ".bak");
      copy(home.identityKey(), backup);
      if (next.isPresent()) {
        PrivateFiles.write(home.identityKey(), SealedKey.seal(key, next.get(), random));
      } else {
        IdentityFile.write(home, key);
      }
      checkReadable(home, key, next, backup);
      for (Path each : backups(home)) {
        if (owner(each).equals(Optional.of(key.peerId()))) {
          PrivateFiles.delete(each);
        }
      }
      return key.peerId();
    } finally {
      key.destroy();
    }
  }

  private static void checkReadable(
      Home home, PrivateKey key, Optional<Passphrase> next, Path backup) {
    Passphrase.Source again =
        next.<Passphrase.Source>map(each -> _ -> each.copy()).orElse(Passphrase.Source.NONE);
    try {
      PrivateKey read = IdentityFile.load(home, again).orElseThrow(() -> noIdentity(home));
      read.destroy();
      if (read.publicKey().equals(key.publicKey())) {
        return;
      }
    } catch (Failure e) {
      throw unreadable(home, backup, e);
    }
    throw unreadable(home, backup, null);
  }

  private static Failure unreadable(Home home, Path backup, @Nullable Failure why) {
    return new Failure(
        "identity-damaged",
        "what was just written to " + home.identityKey() + " does not read back",
        "is the disk failing? put the old file back: mv " + backup + " " + home.identityKey(),
        why);
  }

  /// Copies of `identity.key` that were not removed because a run was killed.
  public static List<Path> backups(Home home) {
    return list(home.root(), name -> BACKUP.matcher(name).matches());
  }

  private static Optional<PeerId> owner(Path file) {
    try {
      byte[] bytes = PrivateFiles.read(file);
      if (SealedKey.isSealed(bytes)) {
        return Optional.of(PeerId.of(SealedKey.decode(bytes).owner()));
      }
      PrivateKey key = IdentityFile.open(file, bytes, Passphrase.Source.NONE);
      key.destroy();
      return Optional.of(key.peerId());
    } catch (Failure | MalformedInput e) {
      // Not a copy of ours: left alone.
      return Optional.empty();
    }
  }

  /// A home with another identity.
  ///
  /// @param peer who it is now
  /// @param before who it was; empty if that could not be read
  /// @param backup the folder with the old identity and everything that belonged to it
  public record Replaced(PeerId peer, Optional<PeerId> before, Path backup) {}

  /// Gives the home a new identity, whatever is in `identity.key`, and moves what speaks of the old
  /// one (groups, invites) into a folder of its own, 0700, files 0600. First everything is copied;
  /// then the state goes; last the new key takes the old one's place. Killed in between, the home
  /// is the old peer, perhaps without its groups; doing it again, or copying the folder's files
  /// back, ends that.
  ///
  /// @throws Failure `file-unwritable`, `file-unsafe`
  public static Replaced replace(Home home, KeyRandom random, Instant now) {
    Optional<PeerId> before = owner(home.identityKey());
    Path backup = home.root().resolve("backup-" + STAMP.format(now));
    PrivateFiles.ensureDirectory(backup);
    PrivateFiles.ensureDirectory(backup.resolve("state"));
    for (Path each :
        List.of(home.identityKey(), home.authorizedKeys(), home.blockedPeers(), home.config())) {
      copyIfThere(each, backup.resolve(each.getFileName()));
    }
    List<Path> state =
        list(home.stateDirectory(), name -> name.endsWith(".json") && !KEPT_STATE.contains(name));
    for (Path each : state) {
      copyIfThere(each, backup.resolve("state").resolve(each.getFileName()));
    }
    state.forEach(PrivateFiles::delete);
    PrivateKey fresh = PrivateKey.generate(random);
    try {
      IdentityFile.write(home, fresh);
      return new Replaced(fresh.peerId(), before, backup);
    } finally {
      fresh.destroy();
    }
  }

  private static void copyIfThere(Path from, Path to) {
    if (Files.exists(from)) {
      copy(from, to);
    }
  }

  private static void copy(Path from, Path to) {
    try {
      byte[] bytes = Files.readAllBytes(from);
      PrivateFiles.write(to, bytes);
      Arrays.fill(bytes, (byte) 0);
    } catch (IOException e) {
      throw new Failure("file-unreadable", "cannot read " + from + ": " + e.getMessage(), "", e);
    }
  }

  private static List<Path> list(Path directory, Predicate<String> name) {
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(each -> name.test(each.getFileName().toString())).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw new Failure("file-unreadable", "cannot list " + directory + ": " + e, "", e);
    }
  }

  private static Failure noIdentity(Home home) {
    return new Failure(
        "no-identity",
        "there is no identity in " + home.root(),
        "create one with `peerup init`, or join a group: peerup join CODE --name laptop");
  }
}
