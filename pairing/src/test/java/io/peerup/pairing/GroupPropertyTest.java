package io.peerup.pairing;

import static org.assertj.core.api.Assertions.assertThat;

import io.peerup.libp2p.PeerId;
import io.peerup.pairing.GroupJoin.Result;
import io.peerup.testkit.SeededRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever the order in which devices join and whoever is offline meanwhile, in the end all know
/// all and call them the same.
class GroupPropertyTest {

  private static final String[][] NAMINGS = {
    {"laptop", "laptop", "laptop", "laptop", "laptop"},
    {"laptop", "laptop-2", "laptop", "phone", "laptop"},
    {"a", "b", "c", "d", "e"},
  };

  private final SeededRandom random = SeededRandom.of(GroupPropertyTest.class);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void everyJoinOrderWithEveryPatternOfAbsenceEndsMutual(int members) {
    int pairs = members * (members - 1) / 2;
    for (List<Integer> order : orders(members)) {
      for (int absent = 0; absent < 1 << pairs; absent++) {
        play(order, absent, NAMINGS[absent % NAMINGS.length]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void everyJoinOrderWithSomeAbsentEndsMutual(int members) {
    int turn = 0;
    for (List<Integer> order : orders(members)) {
      play(order, random.nextInt(1 << 10), NAMINGS[turn++ % NAMINGS.length]);
    }
  }

  /// Bit k of `absent` says that the k-th (joiner, earlier member) pair misses its notice.
  private void play(List<Integer> order, int absent, String[] names) {
    World world = new World(order.size(), random);
    int bit = 0;
    int restart = random.nextInt(order.size());
    for (int number : order) {
      for (World.Device earlier : world.devices) {
        earlier.online = (absent >>> bit++ & 1) == 0;
      }
      World.Device device = world.device(number + 1, names[number]);
      assertThat(world.join(device, world.codes.get(number))).isInstanceOf(Result.Joined.class);
      if (restart-- == 0) {
        world.restartRelay();
      }
    }
    for (World.Device device : world.devices) {
      world.restart(device);
      world.reconnect(device);
    }
    check(world, order + " absent " + Integer.toBinaryString(absent));
  }

  private static void check(World world, String scenario) {
    Map<PeerId, String> announced = new TreeMap<>();
    world.devices.forEach(d -> announced.put(d.peer, d.name));
    Map<PeerId, String> expected = MemberNames.resolve(announced);
    int introductions = 0;
    for (World.Device device : world.devices) {
      Set<PeerId> others = new HashSet<>(announced.keySet());
      others.remove(device.peer);
      assertThat(device.membership().members()).as(scenario).isEqualTo(others);
      assertThat(device.membership().names()).as(scenario).isEqualTo(expected);
      assertThat(device.warnings).as(scenario).isEmpty();
      introductions += device.membership().members().size();
    }
    int n = world.devices.size();
    assertThat(introductions).isEqualTo(n * (n - 1));
  }

  private static List<List<Integer>> orders(int n) {
    List<List<Integer>> out = new ArrayList<>();
    out.add(List.of());
    for (int i = 0; i < n; i++) {
      List<List<Integer>> longer = new ArrayList<>();
      for (List<Integer> shorter : out) {
        for (int at = 0; at <= shorter.size(); at++) {
          List<Integer> next = new ArrayList<>(shorter);
          next.add(at, i);
          longer.add(next);
        }
      }
      out = longer;
    }
    return out;
  }
}
