package io.peerup.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.KilledWrites;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An identity goes under a passphrase, under another one, out again, and is replaced, and at no
/// moment is there none.
class IdentityCareTest {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final String BACKUP = "identity.key.20260102T030405Z.bak";
  private static final String FIRST = "first passphrase";
  private static final String SECOND = "second passphrase";

  @TempDir Path directory;
  private Home home = Home.of(Path.of(""));
  private PeerId self = Peers.hashed(1);

  @BeforeEach
  void makeHome() {
    home = Home.of(directory.resolve("home")).ensure();
    self = IdentityFile.loadOrCreate(home, KeyRandom.secure(), Passphrase.Source.NONE).peerId();
  }

  private static Passphrase.Source typed(String text) {
    return _ -> Passphrase.ofTyped(text.toCharArray());
  }

  private void protect(Passphrase.Source current, Optional<String> next) {
    assertThat(
            IdentityCare.protect(
                home,
                current,
                next.map(text -> Passphrase.ofTyped(text.toCharArray())),
                KeyRandom.secure(),
                NOW))
        .isEqualTo(self);
  }

  private String code(Passphrase.Source source) {
    try {
      return IdentityFile.load(home, source).map(PrivateKey::peerId).orElseThrow().toString();
    } catch (Failure e) {
      return e.code();
    }
  }

  private List<String> files() throws IOException {
    try (var all = Files.list(home.root())) {
      return all.filter(Files::isRegularFile)
          .map(each -> each.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  @Test
  void aPassphraseIsSetChangedAndRemovedAndNothingOfTheOldIsLeft() throws IOException {
    protect(Passphrase.Source.NONE, Optional.of(FIRST));
    assertThat(code(typed(FIRST))).isEqualTo(self.toString());
    assertThat(code(typed(SECOND))).isEqualTo("wrong-passphrase");
    assertThat(code(Passphrase.Source.NONE)).isEqualTo("passphrase-needed");
    assertThat(IdentityFile.peerId(home)).as("without the passphrase").contains(self);
    assertThat(files()).containsExactly("identity.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.identityKey())))
        .isEqualTo("rw-------");

    protect(typed(FIRST), Optional.of(SECOND));
    assertThat(code(typed(FIRST))).isEqualTo("wrong-passphrase");
    assertThat(code(typed(SECOND))).isEqualTo(self.toString());

    protect(typed(SECOND), Optional.empty());
    assertThat(code(Passphrase.Source.NONE)).isEqualTo(self.toString());
    assertThat(files()).containsExactly("identity.key");
  }

  @Test
  void aWrongPassphraseChangesNothingAndAnUnneededOneIsNotAskedFor() throws IOException {
    protect(Passphrase.Source.NONE, Optional.of(FIRST));
    byte[] before = Files.readAllBytes(home.identityKey());
    for (Optional<String> next : List.of(Optional.of(SECOND), Optional.<String>empty())) {
      assertThatThrownBy(() -> protect(typed(SECOND), next))
          .isInstanceOfSatisfying(
              Failure.class, e -> assertThat(e.code()).isEqualTo("wrong-passphrase"));
    }
    assertThat(Files.readAllBytes(home.identityKey())).isEqualTo(before);
    assertThat(files()).containsExactly("identity.key");
  }

  @Test
  void killedAtAnyStepTheKeyIsReadableAsItWasOrAsItShouldBeAndTheNextRunTidiesUp()
      throws IOException {
    byte[] open = PrivateFiles.read(home.identityKey());
    for (String file : List.of(BACKUP, "identity.key")) {
      for (String step : KilledWrites.steps()) {
        boolean renamed =
            file.equals("identity.key") && List.of("RENAMED", "DIRECTORY_SYNCED").contains(step);
        try (KilledWrites _ = KilledWrites.at(file, step)) {
          assertThatThrownBy(() -> protect(Passphrase.Source.NONE, Optional.of(FIRST)))
              .isInstanceOf(KilledWrites.Killed.class);
        }
        assertThat(code(renamed ? typed(FIRST) : Passphrase.Source.NONE))
            .as("%s of %s", step, file)
            .isEqualTo(self.toString());
        assertThat(IdentityFile.peerId(home)).contains(self);
        boolean copied =
            !file.equals(BACKUP) || step.startsWith("RENAMED") || step.startsWith("DIR");
        assertThat(IdentityCare.backups(home)).as("%s of %s", step, file).hasSize(copied ? 1 : 0);
        PrivateFiles.write(home.identityKey(), open);
      }
    }
    assertThat(IdentityCare.backups(home)).hasSize(1);
    protect(Passphrase.Source.NONE, Optional.of(SECOND));
    assertThat(IdentityCare.backups(home)).as("an open copy of the key").isEmpty();
  }

  @Test
  void aCopyOfAnotherKeyIsNotOursToRemove() {
    Path other = home.root().resolve("identity.key.20250101T000000Z.bak");
    PrivateFiles.write(other, PrivateKey.generate(KeyRandom.secure()).encoded());
    protect(Passphrase.Source.NONE, Optional.of(FIRST));
    assertThat(IdentityCare.backups(home)).containsExactly(other);
  }

  @Test
  void aDamagedSealedFileIsNamedAndStaysAsItIs() throws IOException {
    protect(Passphrase.Source.NONE, Optional.of(FIRST));
    byte[] sealed = Files.readAllBytes(home.identityKey());
    byte[] cut = java.util.Arrays.copyOf(sealed, 60);
    byte[] heavy = sealed.clone();
    heavy[21] = (byte) 0x80;
    byte[] altered = sealed.clone();
    altered[altered.length - 1] ^= 1;
    for (byte[] damaged : List.of(cut, heavy, altered)) {
      Files.write(home.identityKey(), damaged);
      assertThat(code(typed(FIRST))).isEqualTo("identity-damaged");
      assertThatThrownBy(() -> IdentityFile.loadOrCreate(home, KeyRandom.secure(), typed(FIRST)))
          .isInstanceOf(Failure.class)
          .hasMessageContaining(home.identityKey().toString());
      assertThat(Files.readAllBytes(home.identityKey())).isEqualTo(damaged);
    }
  }

  @Test
  void aReplacedIdentityLeavesItsFilesInAFolderOfTheirOwn() throws IOException {
    byte[] old = PrivateFiles.read(home.identityKey());
    write(home.authorizedKeys(), "# peers\n");
    write(home.state("groups.json"), "{\"groups\":1}");
    write(home.state("invites.json"), "{\"invites\":1}");
    write(home.state("services.json"), "{}");

    IdentityCare.Replaced replaced = IdentityCare.replace(home, KeyRandom.secure(), NOW);

    Path backup = home.root().resolve("backup-20260102T030405Z");
    assertThat(replaced.backup()).isEqualTo(backup);
    assertThat(replaced.before()).contains(self);
    assertThat(IdentityFile.peerId(home)).contains(replaced.peer()).isNotEqualTo(self);
    assertThat(PrivateFiles.read(backup.resolve("identity.key"))).isEqualTo(old);
    assertThat(backup.resolve("state/groups.json")).hasContent("{\"groups\":1}");
    assertThat(backup.resolve("state/invites.json")).hasContent("{\"invites\":1}");
    assertThat(backup.resolve("authorized_keys")).hasContent("# peers");
    assertThat(home.state("groups.json")).doesNotExist();
    assertThat(home.state("invites.json")).doesNotExist();
    assertThat(home.state("services.json")).exists();
    assertThat(home.authorizedKeys()).hasContent("# peers");
    try (var all = Files.walk(backup)) {
      for (Path each : all.toList()) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
            .as("%s", each)
            .isEqualTo(Files.isDirectory(each) ? "rwx------" : "rw-------");
      }
    }
  }

  @Test
  void killedWhileItIsReplacedTheHomeIsOneOfBothAndTheOldFilesAreThere() {
    byte[] old = PrivateFiles.read(home.identityKey());
    write(home.state("groups.json"), "{}");
    for (String file : List.of("groups.json", "identity.key")) {
      for (String step : KilledWrites.steps()) {
        PrivateFiles.write(home.identityKey(), old);
        write(home.state("groups.json"), "{}");
        // The copies in the backup folder bear the same names as the files themselves.
        for (int nth = 1; nth <= 2; nth++) {
          try (KilledWrites _ = KilledWrites.at(file, step, nth)) {
            IdentityCare.replace(home, KeyRandom.secure(), NOW);
          } catch (KilledWrites.Killed e) {
            assertThat(IdentityFile.peerId(home)).as("%s of %s", step, file).isPresent();
            boolean still = IdentityFile.peerId(home).equals(Optional.of(self));
            assertThat(still || Files.exists(backup("identity.key"))).isTrue();
            assertThat(
                    Files.exists(home.state("groups.json"))
                        || Files.exists(backup("state/groups.json")))
                .as("groups after %s of %s", step, file)
                .isTrue();
          }
        }
      }
    }
  }

  private Path backup(String name) {
    return home.root().resolve("backup-20260102T030405Z").resolve(name);
  }

  private static void write(Path file, String text) {
    PrivateFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
  }
}
