package io.peerup.pairing.mailbox;

import static io.peerup.testkit.Decoding.same;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.peerup.libp2p.MalformedInput;
import io.peerup.testkit.Decoding;
import io.peerup.testkit.SeededRandom;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class MailboxFuzzTest {

  @MethodSource("requests")
  @FuzzTest
  void request(byte[] input) {
    Decoding.of(input, MalformedInput.class, MailboxMessages::decodeRequest)
        .ifPresent(request -> same(MailboxMessages.encode(request), input));
  }

  static Stream<byte[]> requests() {
    return MailboxMessagesTest.REQUESTS.stream().map(MailboxMessages::encode);
  }

  @MethodSource("answers")
  @FuzzTest
  void answer(byte[] input) {
    Decoding.of(input, MalformedInput.class, MailboxMessages::decodeGranted)
        .flatMap(granted -> granted)
        .ifPresent(end -> same(MailboxMessages.encodeGranted(end), input));
    Decoding.of(input, MalformedInput.class, MailboxMessages::decodeFetched)
        .flatMap(fetched -> fetched)
        .ifPresent(mails -> same(MailboxMessages.encodeFetched(mails), input));
    Decoding.of(input, MalformedInput.class, MailboxMessages::decodeDone)
        .filter(done -> done)
        .ifPresent(_ -> same(MailboxMessages.done(), input));
  }

  static Stream<byte[]> answers() {
    return Stream.of(
        MailboxMessages.encodeGranted(Instant.ofEpochSecond(9)),
        MailboxMessages.encodeFetched(
            List.of(new Mail(1, new byte[] {1}), new Mail(-1, new byte[200]))),
        MailboxMessages.done(),
        MailboxMessages.failed());
  }

  @MethodSource("files")
  @FuzzTest
  void file(byte[] input) {
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
    Decoding.of(input, MalformedInput.class, _ -> again(tree))
        .ifPresent(written -> same(again(written), written));
  }

  private static JsonObject again(JsonObject tree) {
    return MailboxTable.restore(tree, SeededRandom.fixed(1)).snapshot();
  }

  static Stream<byte[]> files() {
    MailboxTable table = new MailboxTable(SeededRandom.fixed(1));
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    table.grant(Post.peer(1), Post.hash(1), 2, Duration.ofDays(1), now);
    table.deposit(Post.peer(3), Post.deposit(1, "drop", 2), Post.peer(1)::equals, now);
    return Stream.of(table.snapshot().toString().getBytes(StandardCharsets.UTF_8));
  }
}
