package io.peerup.node.network;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.libp2p.PeerId;
import io.peerup.node.Ids;
import io.peerup.pairing.GroupMembership;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// The file of a node's groups, damaged in any way: read or refused, and never another identity's.
class MembershipsFuzzTest {

  private static final PeerId SELF = Ids.peer(1);

  @MethodSource("files")
  @FuzzTest
  void file(byte[] input) {
    Decoding.of(
            input, Failure.class, bytes -> Memberships.decode(Path.of("groups.json"), SELF, bytes))
        .ifPresent(groups ->
            groups.forEach(group -> {
              same(group.self(), SELF);
              check(!group.members().contains(SELF), "nobody is a member beside itself");
              same(group.names().keySet().size(), group.members().size() + 1);
              same(GroupMembership.restore(group.snapshot()).snapshot(), group.snapshot());
            }));
  }

  static Stream<byte[]> files() {
    JsonArray groups = new JsonArray();
    groups.add(
        new TestGroup(SeededRandom.fixed(1))
            .join(1, "laptop", Optional.empty(), Map.of(2, "phone", 3, "laptop"))
            .membership()
            .snapshot());
    JsonObject file = new JsonObject();
    file.addProperty("version", 1);
    file.add("groups", groups);
    return Stream.of(file.toString(), "{\"version\":1,\"groups\":[]}")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }
}
