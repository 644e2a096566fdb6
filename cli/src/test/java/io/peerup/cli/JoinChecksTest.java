package io.peerup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.Multiaddr;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.pairing.GroupCode;
import io.peerup.pairing.RelayHost;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What was typed is judged before a home is created or anybody is asked.
class JoinChecksTest {

  private static final String CODE =
      GroupCode.generate(
              1,
              PeerId.of(PrivateKey.generate(KeyRandom.secure()).publicKey()),
              RelayHost.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/7777")),
              "",
              KeyRandom.secure())
          .codes()
          .getFirst()
          .text();

  @TempDir Path directory;

  private void refused(String... arguments) {
    Path home = directory.resolve("home");
    String[] all = new String[arguments.length + 3];
    all[0] = "join";
    all[1] = "--home";
    all[2] = home.toString();
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    assertThat(Peerup.commandLine().execute(all)).isEqualTo(1);
    assertThat(home).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hello", "8", "800000000-00000000"})
  void whatIsNoCodeCreatesNothing(String typed) {
    refused(typed);
  }

  @Test
  void aMistypedOrTruncatedCodeCreatesNothing() {
    refused(CODE.substring(0, CODE.length() - 2));
    refused(CODE.substring(0, 10) + (CODE.charAt(10) == 'X' ? 'Y' : 'X') + CODE.substring(11));
    refused(CODE, "AB");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a\u001b[31mb",
        "a\nb",
        "a\u202eb",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      })
  void aNameThatOthersCouldNotReadCreatesNothing(String name) {
    refused(CODE, "--name", name);
  }
}
