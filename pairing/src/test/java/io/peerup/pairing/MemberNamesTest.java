package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemberNamesTest {

  private final List<PeerId> peers =
      new ArrayList<>(new TreeSet<>(IntStream.range(1, 9).mapToObj(Fixtures::peer).toList()));

  @Test
  void equalNamesAreNumberedInOrderOfThePeerIds() {
    assertThat(resolve("laptop", "laptop", "laptop", "phone"))
        .containsExactly("laptop", "laptop-2", "laptop-3", "phone");
  }

  @Test
  void numberSkipsANameThatAnotherMemberAnnounced() {
    assertThat(resolve("laptop", "laptop", "laptop-2"))
        .containsExactly("laptop", "laptop-3", "laptop-2");
    assertThat(resolve("laptop-2", "laptop", "laptop"))
        .containsExactly("laptop-2", "laptop", "laptop-3");
    assertThat(resolve("laptop-2", "laptop-2", "laptop", "laptop"))
        .containsExactly("laptop-2", "laptop-2-2", "laptop", "laptop-3");
  }

  @Test
  void longNamesGiveWayToTheirNumber() {
    String longest = "n".repeat(64);
    assertThat(resolve(longest, longest)).containsExactly(longest, "n".repeat(62) + "-2");
    String wide = "é".repeat(32);
    assertThat(resolve(wide, wide).get(1)).isEqualTo("é".repeat(31) + "-2");
    String neighbour = "n".repeat(62) + "-2";
    assertThat(resolve(longest, longest, neighbour))
        .containsExactly(longest, "n".repeat(62) + "-3", neighbour);
  }

  @Test
  void resultIsUniqueValidAndIndependentOfTheOrder() {
    SeededRandom random = SeededRandom.of(MemberNamesTest.class);
    String[] pool = {"a", "a-2", "a-2-2", "a-3", "b", "n".repeat(64), "n".repeat(62) + "-2"};
    for (int round = 0; round < 2000; round++) {
      Map<PeerId, String> announced = new HashMap<>();
      for (PeerId peer : peers.subList(0, 1 + random.nextInt(peers.size()))) {
        announced.put(peer, pool[random.nextInt(pool.length)]);
      }
      Map<PeerId, String> names = MemberNames.resolve(announced);
      assertThat(names.keySet()).isEqualTo(announced.keySet());
      assertThat(names.values()).doesNotHaveDuplicates();
      assertThat(names.values())
          .allSatisfy(n -> {
            assertThatCode(() -> Names.check(n)).doesNotThrowAnyException();
            assertThat(n.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(64);
          });
      announced.values().forEach(n -> assertThat(names.values()).contains(n));
      List<PeerId> order = new ArrayList<>(announced.keySet());
      Collections.shuffle(order, new Random(random.nextLong()));
      Map<PeerId, String> shuffled = new LinkedHashMap<>();
      order.forEach(p -> shuffled.put(p, announced.get(p)));
      assertThat(MemberNames.resolve(shuffled)).isEqualTo(names);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        " a",
        "a ",
        "-a",
        "a\nb",
        "a\u0000",
        "a\u001b[31m",
        "a\u202eb",
        "a\u200fb",
        "a\u200bb",
        "a\u2028b",
        "a\u00a0b",
        "a\u0085",
        "e\u0301",
        "\ud800",
        "\ue000",
        "\ufeffa",
        "12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2"
      })
  void nameThatCouldDeceiveIsRefused(String name) {
    assertThatThrownBy(() -> Names.check(name)).isInstanceOf(MalformedInput.class);
  }

  @Test
  void nameThatIsNotUtf8IsRefused() {
    for (byte[] bytes : new byte[][] {{(byte) 0xff}, {(byte) 0xc0, (byte) 0x80}, {'a', 0, 'b'}}) {
      assertThatThrownBy(() -> Names.decode(bytes)).isInstanceOf(MalformedInput.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "home server", "Büro", "ноутбук", "部屋", "🚀", "a#b", "a=\"b\""})
  void ordinaryNameIsAccepted(String name) {
    assertThat(Names.check(name)).isEqualTo(name);
  }

  @Test
  void nameOf64BytesIsAcceptedAndOneOf65IsNot() {
    assertThat(Names.check("é".repeat(32))).hasSize(32);
    assertThatThrownBy(() -> Names.check("é".repeat(32) + "a")).isInstanceOf(MalformedInput.class);
  }

  private List<String> resolve(String... announced) {
    Map<PeerId, String> map = new HashMap<>();
    for (int i = 0; i < announced.length; i++) {
      map.put(peers.get(i), announced[i]);
    }
    Map<PeerId, String> names = MemberNames.resolve(map);
    List<String> out = new ArrayList<>();
    for (int i = 0; i < announced.length; i++) {
      out.add(names.get(peers.get(i)));
    }
    return out;
  }
}
