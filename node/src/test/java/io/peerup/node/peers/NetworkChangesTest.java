package io.peerup.node.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetworkChangesTest {

  private static final String HOME = "192.168.1.5";
  private static final String OFFICE = "10.1.2.3";
  private static final String V6 = "2001:db8::5";

  private final NetworkChanges changes = new NetworkChanges();
  private Instant now = Instant.EPOCH;

  private static InetAddress ip(String text) {
    return InetAddress.ofLiteral(text);
  }

  private boolean look(String... addresses) {
    List<InetAddress> all = Arrays.stream(addresses).map(NetworkChangesTest::ip).toList();
    return changes.look(all, now);
  }

  private boolean lookLater(String... addresses) {
    now = now.plus(Limits.NETWORK_PAUSE);
    return look(addresses);
  }

  @Test
  void theFirstLookAndTheSameAddressesInAnyOrderAreNoChange() {
    assertThat(look(HOME, V6)).isFalse();
    assertThat(lookLater(HOME, V6)).isFalse();
    assertThat(lookLater(V6, HOME, HOME)).isFalse();
  }

  @Test
  void anAddressThatComesOrGoesIsAChangeOnce() {
    look(HOME);
    assertThat(lookLater(HOME, V6)).isTrue();
    assertThat(lookLater(HOME, V6)).isFalse();
    assertThat(lookLater(HOME)).isTrue();
    assertThat(lookLater(OFFICE)).isTrue();
    assertThat(lookLater(OFFICE)).isFalse();
  }

  @Test
  void loopbackAndLinkLocalAddressesDoNotCount() {
    look(HOME);
    assertThat(lookLater(HOME, "127.0.0.1", "127.0.0.9", "::1", "fe80::1", "169.254.3.4"))
        .isFalse();
    assertThat(lookLater(HOME)).isFalse();
  }

  @Test
  void havingNoAddressIsNoChangeAndHavingTheSameAgainIs() {
    look(HOME);
    assertThat(lookLater()).isFalse();
    assertThat(lookLater("127.0.0.1")).isFalse();
    assertThat(lookLater(HOME)).isTrue();
    assertThat(lookLater(HOME)).isFalse();
  }

  @Test
  void aMachineThatStartsWithoutANetworkNoticesTheFirst() {
    look("127.0.0.1");
    assertThat(look(HOME)).isTrue();
  }

  @Test
  void changesAreToldOnceInAPauseAndNoneIsLost() {
    look(HOME);
    assertThat(look(OFFICE)).isTrue();
    now = now.plus(Limits.NETWORK_PAUSE).minusNanos(1);
    assertThat(look(HOME)).isFalse();
    now = now.plusNanos(1);
    assertThat(look(HOME)).isTrue();

    int told = 0;
    for (int second = 1; second <= 600; second++) {
      now = now.plus(Duration.ofSeconds(1));
      told += look(second % 2 == 0 ? HOME : OFFICE) ? 1 : 0;
    }
    assertThat(told).isEqualTo((int) (600 / Limits.NETWORK_PAUSE.toSeconds()));
  }

  @Test
  void anAddressThatWeNoLongerHaveIsGoneAndLoopbackNeverIs() {
    look(HOME, V6);
    assertThat(changes.isGone(ip(HOME))).isFalse();
    assertThat(changes.isGone(ip(OFFICE))).isTrue();
    look(OFFICE);
    assertThat(changes.isGone(ip(HOME))).isTrue();
    assertThat(changes.isGone(ip(V6))).isTrue();
    for (String never : List.of("127.0.0.1", "::1", "fe80::1", "0.0.0.0", "::")) {
      assertThat(changes.isGone(ip(never))).as(never).isFalse();
    }
  }
}
