package io.peerup.node.invites;

import static io.peerup.testkit.Decoding.check;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.libp2p.KeyRandom;
import io.peerup.node.Ids;
import io.peerup.pairing.AttemptLimit;
import io.peerup.pairing.InviteTable;
import io.peerup.pairing.TypedCode;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// The file of a node's invites, damaged in any way: read or refused, within its bounds.
class InviteStoreFuzzTest {

  private static final SeededRandom CHANCE = SeededRandom.fixed(6);
  private static final KeyRandom RANDOM = CHANCE::nextBytes;

  @MethodSource("files")
  @FuzzTest
  void file(byte[] input) {
    Decoding.of(
            input,
            Failure.class,
            bytes -> new InviteStore(Path.of("invites.json"), Optional.of(bytes), RANDOM))
        .ifPresent(store -> {
          check(store.pending().size() <= Limits.PENDING_MAX, "so many wait");
          check(store.relays().size() <= Limits.RELAYS_MAX, "so many relays");
          check(
              store.relays().stream().allMatch(each -> each.peer().isPresent()),
              "each relay has its peer id");
        });
  }

  static Stream<byte[]> files() {
    InviteTable table = new InviteTable(RANDOM);
    String id =
        table
            .create(
                TypedCode.generate(RANDOM).secret(),
                Duration.ofMinutes(10),
                "",
                Instant.parse("2026-11-21T12:00:00Z"))
            .id();
    String relay = "/ip4/45.33.1.1/tcp/7777/p2p/" + Ids.peer(9);
    JsonArray relays = new JsonArray();
    relays.add(relay);
    JsonArray pending = new JsonArray();
    pending.add(Ids.peer(3).toString());
    JsonObject where = new JsonObject();
    where.addProperty(id, relay);
    JsonObject file = new JsonObject();
    file.addProperty("version", 1);
    file.addProperty("name", "home");
    file.addProperty("network", "crew");
    file.add("relays", relays);
    file.add("pending", pending);
    file.add("relayOfInvite", where);
    file.add("invites", table.snapshot());
    file.add("attempts", new AttemptLimit().snapshot());
    return Stream.of(file.toString()).map(text -> text.getBytes(StandardCharsets.UTF_8));
  }
}
