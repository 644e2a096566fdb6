package io.peerup.pairing;

import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.peerup.libp2p.MalformedInput;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// State files as a damaged disk or a hand gives them back: restored or refused, and what was
/// restored is written as it was read.
class StateFuzzTest {

  private static final World WORLD = joined();

  @MethodSource("groups")
  @FuzzTest
  void groupTable(byte[] input) {
    comesBack(input, tree -> GroupTable.restore(tree, PairWork.uncounted()).snapshot());
  }

  static Stream<byte[]> groups() {
    return Stream.of(bytes(WORLD.table.snapshot()));
  }

  @MethodSource("memberships")
  @FuzzTest
  void groupMembership(byte[] input) {
    comesBack(input, tree -> GroupMembership.restore(tree).snapshot());
  }

  static Stream<byte[]> memberships() {
    return WORLD.devices.stream().map(device -> bytes(device.membership().snapshot()));
  }

  @MethodSource("invites")
  @FuzzTest
  void inviteTable(byte[] input) {
    comesBack(input, tree -> InviteTable.restore(tree, WORLD.random).snapshot());
  }

  static Stream<byte[]> invites() {
    PairingWorld fresh = new PairingWorld(SeededRandom.fixed(3));
    PairingWorld used = new PairingWorld(SeededRandom.fixed(3));
    used.run(used.secret, Fixtures.identity(3));
    return Stream.of(bytes(fresh.table.snapshot()), bytes(used.table.snapshot()));
  }

  @MethodSource("links")
  @FuzzTest
  void urlInvites(byte[] input) {
    comesBack(input, tree -> UrlInvites.restore(tree).snapshot());
  }

  static Stream<byte[]> links() {
    return Stream.of(bytes(InviteFuzzTest.INVITES.snapshot()));
  }

  @MethodSource("accepts")
  @FuzzTest
  void inviteAccept(byte[] input) {
    comesBack(input, tree -> InviteAccept.restore(tree).snapshot());
  }

  static Stream<byte[]> accepts() {
    return Stream.of(bytes(InviteFuzzTest.ACCEPT.snapshot()));
  }

  @MethodSource("attempts")
  @FuzzTest
  void attemptLimit(byte[] input) {
    comesBack(input, tree -> AttemptLimit.restore(tree).snapshot());
  }

  static Stream<byte[]> attempts() {
    String one = "{\"key\":\"00ff\",\"at\":[\"2026-01-01T00:00:00Z\"]}";
    return Stream.of("{\"version\":1,\"attempts\":[" + one + "]}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  private static void comesBack(byte[] input, Function<JsonObject, JsonObject> restore) {
    JsonObject tree;
    try {
      if (!(JsonParser.parseString(new String(input, StandardCharsets.UTF_8))
          instanceof JsonObject object)) {
        return;
      }
      tree = object;
    } catch (JsonParseException e) {
      return;
    }
    Decoding.of(input, MalformedInput.class, _ -> restore.apply(tree))
        .ifPresent(written -> same(restore.apply(written), written));
  }

  private static World joined() {
    World world = new World(3, SeededRandom.fixed(2));
    world.join(world.device(1, "laptop"), world.codes.get(0));
    world.join(world.device(2, "phone"), world.codes.get(1));
    return world;
  }

  private static byte[] bytes(JsonObject tree) {
    return tree.toString().getBytes(StandardCharsets.UTF_8);
  }
}
