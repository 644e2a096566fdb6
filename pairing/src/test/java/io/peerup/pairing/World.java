package io.peerup.pairing;

import com.google.gson.JsonParser;
import io.peerup.libp2p.KeyRandom;
import io.peerup.libp2p.PeerId;
import io.peerup.libp2p.PrivateKey;
import io.peerup.pairing.GroupJoin.Result;
import io.peerup.testkit.SeededRandom;
import io.peerup.testkit.VirtualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A relay and its devices, as machines that hand each other bytes.
final class World {

  static final PeerId RELAY = Fixtures.peer(200);

  final VirtualClock clock = new VirtualClock();
  final List<Device> devices = new ArrayList<>();
  final List<GroupCode> codes;
  final KeyRandom random;
  GroupTable table;

  World(int codeCount, SeededRandom chance) {
    this(codeCount, chance, new GroupTable());
  }

  World(int codeCount, SeededRandom chance, GroupTable table) {
    this.random = Fixtures.random(chance);
    this.table = table;
    this.codes = newGroup(codeCount, Optional.empty());
  }

  /// A device with an identity and a name, and what it learned.
  static final class Device {
    final PrivateKey identity;
    final PeerId peer;
    final String name;
    final List<String> warnings = new ArrayList<>();
    @Nullable GroupMembership membership;
    boolean online = true;

    Device(int number, String name) {
      this.identity = Fixtures.identity(number);
      this.peer = PeerId.of(identity.publicKey());
      this.name = name;
    }

    GroupMembership membership() {
      if (membership == null) {
        throw new AssertionError(name + " has not joined");
      }
      return membership;
    }
  }

  List<GroupCode> newGroup(int codeCount, Optional<Duration> authorisation) {
    GroupCode.NewGroup group =
        GroupCode.generate(codeCount, RELAY, Fixtures.RELAY_HOST, "", random);
    table.create(group.spec(), Duration.ofHours(1), authorisation, "", clock.instant());
    return group.codes();
  }

  Device device(int number, String name) {
    Device device = new Device(number, name);
    devices.add(device);
    return device;
  }

  /// The device sends its code; members that are online are told.
  Result join(Device device, GroupCode code) {
    GroupJoin join =
        new GroupJoin(GroupCode.parse(code.text()), device.identity, device.name, random);
    PairOutcome outcome =
        table.join(join.request(), device.peer, Fixtures.source("198.51.100.1"), clock.instant());
    Result result = join.finish(RELAY, outcome.answer());
    if (result instanceof Result.Joined joined) {
      device.membership = joined.membership();
      device.warnings.addAll(joined.warnings());
    }
    if (outcome instanceof PairOutcome.Admitted admitted && admitted.changed()) {
      devices.stream()
          .filter(d -> d.online && d.membership != null && admitted.others().contains(d.peer))
          .forEach(d ->
              d.membership()
                  .accept(PairMessages.decodeNotice(PairMessages.encode(admitted.intro()))));
    }
    return result;
  }

  /// The device comes (back) to the relay, which tells it about all members.
  void reconnect(Device device) {
    device.online = true;
    table
        .noticesFor(device.peer, clock.instant())
        .forEach(
            n -> device.membership().accept(PairMessages.decodeNotice(PairMessages.encode(n))));
  }

  /// The relay stops and starts again from its state file.
  void restartRelay() {
    table =
        GroupTable.restore(
            JsonParser.parseString(table.snapshot().toString()).getAsJsonObject(),
            PairWork.uncounted());
  }

  /// The device stops and starts again from its state file.
  void restart(Device device) {
    device.membership =
        GroupMembership.restore(
            JsonParser.parseString(device.membership().snapshot().toString()).getAsJsonObject());
  }
}
