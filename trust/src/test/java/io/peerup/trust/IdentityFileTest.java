package io.peerup.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.Damages;
import io.peerup.testkit.SeededRandom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The one file that is never made anew while it may only be damaged.
class IdentityFileTest {

  @TempDir Path directory;
  private Home home = Home.of(Path.of(""));

  @BeforeEach
  void makeHome() {
    home = Home.of(directory.resolve("home")).ensure();
  }

  private void refused(String code) {
    assertThatThrownBy(
            () -> IdentityFile.loadOrCreate(home, KeyRandom.secure(), Passphrase.Source.NONE))
        .isInstanceOfSatisfying(
            Failure.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.message()).contains(home.identityKey().toString());
              assertThat(e.hint()).contains("backup");
            });
  }

  @Test
  void aDamagedKeyIsNamedAndNeverReplaced() {
    IdentityFile.loadOrCreate(home, KeyRandom.secure(), Passphrase.Source.NONE);
    byte[] whole = PrivateFiles.read(home.identityKey());
    for (int length = 0; length < whole.length; length++) {
      PrivateFiles.write(home.identityKey(), Arrays.copyOf(whole, length));
      refused("identity-damaged");
      assertThat(PrivateFiles.read(home.identityKey())).hasSize(length);
    }
    byte[] twice = Arrays.copyOf(whole, 2 * whole.length);
    System.arraycopy(whole, 0, twice, whole.length, whole.length);
    for (byte[] wrong : new byte[][] {new byte[whole.length], twice}) {
      PrivateFiles.write(home.identityKey(), wrong);
      refused("identity-damaged");
    }
  }

  @Test
  void aKeyThatIsLostBesideGroupsIsNotReplaced() {
    PrivateFiles.write(home.state("groups.json"), "{}".getBytes(StandardCharsets.UTF_8));
    refused("identity-missing");
    assertThat(home.identityKey()).doesNotExist();
  }

  @Test
  void noFlippedBitMakesAnotherIdentity() throws IOException {
    PeerId whose =
        IdentityFile.loadOrCreate(home, KeyRandom.secure(), Passphrase.Source.NONE).peerId();
    byte[] whole = PrivateFiles.read(home.identityKey());
    for (byte[] flipped : Damages.flips(whole, SeededRandom.of(IdentityFileTest.class))) {
      Files.write(home.identityKey(), flipped);
      if (Arrays.equals(flipped, whole)) {
        continue;
      }
      refused("identity-damaged");
      assertThat(Files.readAllBytes(home.identityKey())).isEqualTo(flipped);
    }
    Files.write(home.identityKey(), whole);
    assertThat(IdentityFile.loadOrCreate(home, KeyRandom.secure(), Passphrase.Source.NONE).peerId())
        .isEqualTo(whose);
  }
}
