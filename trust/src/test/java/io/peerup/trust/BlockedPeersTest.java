package io.peerup.trust;

import static io.peerup.trust.Peers.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockedPeersTest {

  private static BlockedPeers parse(String file) {
    return BlockedPeers.parse(file.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s",
        "  %s  # why",
        "%s name=spam",
        "%s name=spam group=6b84d506 tier=group expires=2020-01-01T00:00:00Z",
        "%s and whatever else",
        "%s name=\"open",
        "%s tier=root",
        "%s # bidi \u202e",
        "%s\n%s name=twice",
      })
  void aLineThatBeginsWithAPeerIdBlocksItWhateverFollows(String form) {
    String file = "# no more\r\n\n" + form.replace("%s", peer(1).toString()) + "\n" + peer(2);
    BlockedPeers blocked = parse(file);
    assertThat(blocked.contains(peer(1))).isTrue();
    assertThat(blocked.contains(peer(2))).isTrue();
    assertThat(blocked.contains(peer(3))).isFalse();
    assertThat(blocked.render()).isEqualTo(file.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"spam", "x%s", "%sx", "name=spam %s", "%s#why", "\ufeff%s", "# \u202e", "*", "-"})
  void aLineThatDoesNotSayWhomToBlockRefusesTheFileAndIsNamed(String form) {
    String file = peer(2) + "\n" + form.replace("%s", peer(1).toString()) + "\n";
    assertThatThrownBy(() -> parse(file))
        .isInstanceOf(MalformedInput.class)
        .hasMessageStartingWith("line 2 ");
  }

  @Test
  void blockingAndUnblockingChangeOneLineAndKeepTheOthersBytes() {
    String file = "# mine\n" + peer(2) + "   name=x # y\n";
    BlockedPeers more = parse(file).with(peer(1), Optional.of("the spammer"));
    assertThat(new String(more.render(), StandardCharsets.UTF_8))
        .isEqualTo(file + peer(1) + " name=\"the spammer\"\n");
    assertThat(more.name(peer(1))).contains("the spammer");
    assertThat(more.with(peer(1), Optional.of("other"))).isEqualTo(more);
    assertThat(more.without(peer(1))).isEqualTo(parse(file));
    assertThat(parse(peer(1) + " oops\n" + peer(1) + "\n").without(peer(1)).peers()).isEmpty();
  }

  @Test
  void aFullFileStillBlocksAndSaysThatItIsFull() {
    StringBuilder file = new StringBuilder();
    for (int i = 1; i <= Limits.BLOCKED_MAX + 1; i++) {
      file.append(Peers.peer(i)).append('\n');
    }
    BlockedPeers blocked = parse(file.toString());
    assertThat(blocked.peers()).hasSize(Limits.BLOCKED_MAX + 1);
    assertThat(blocked.contains(Peers.peer(Limits.BLOCKED_MAX + 1))).isTrue();
    assertThatThrownBy(() -> blocked.with(Peers.peer(5000), Optional.empty()))
        .isInstanceOf(MalformedInput.class);
  }
}
