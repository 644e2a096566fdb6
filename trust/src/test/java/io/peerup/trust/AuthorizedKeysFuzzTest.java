package io.peerup.trust;

import static io.peerup.testkit.Decoding.check;
import static io.peerup.testkit.Decoding.same;
import static io.peerup.trust.Peers.hashed;
import static io.peerup.trust.Peers.peer;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.peerup.control.Printable;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import io.peerup.testkit.Decoding;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/// Parsing never throws, never authorises who is not there, and writes back what it read.
class AuthorizedKeysFuzzTest {

  private static final PeerId ONE = peer(1);
  private static final PeerId TWO = peer(2);
  private static final PeerId THREE = peer(3);
  private static final PeerId NEW = hashed(9);
  private static final Pattern CID = Pattern.compile("(?m)^[ \\t]*[bkzuf][0-9A-Za-z_-]{40}");
  private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");

  @MethodSource("files")
  @FuzzTest
  void file(byte[] input) {
    // Memory is not judged: a bad line of two bytes costs an exception with its trace.
    AuthorizedKeys keys = AuthorizedKeys.parse(input.clone());
    same(keys.render(), input);
    String text = new String(input, StandardCharsets.ISO_8859_1);
    for (AuthorizedPeer entry : keys.peers()) {
      // In base58 an id has one spelling; as a CID it begins with the letter of its base.
      check(
          text.contains(entry.peer().toString()) || CID.matcher(text).find(),
          "nobody is authorised who is not there");
    }
    keys.peers().stream()
        .limit(2)
        .forEach(entry -> check(keys.mentions(entry.peer()), "who is authorised is mentioned"));
    keys.disabled().forEach(line -> same(Printable.of(line.text()), line.text()));
    check(keys.nextExpiry(NOW).filter(end -> !end.isAfter(NOW)).isEmpty(), "in the future");
    changesOneLine(keys);
  }

  private static void changesOneLine(AuthorizedKeys keys) {
    AuthorizedKeys more = keys.with(AuthorizedPeer.of(NEW, "nine"));
    same(more.find(NEW).flatMap(AuthorizedPeer::givenName), Optional.of("nine"));
    same(others(more), others(keys));
    AuthorizedKeys less = more.without(NEW);
    check(!less.mentions(NEW), "who was removed is gone");
    same(others(less), others(keys));
    same(AuthorizedKeys.parse(more.render()).peers(), more.peers());
  }

  private static List<AuthorizedPeer> others(AuthorizedKeys keys) {
    return keys.peers().stream().filter(p -> !p.peer().equals(NEW)).toList();
  }

  static Stream<byte[]> files() {
    return Stream.of(
            "# peers\n"
                + hashed(1)
                + " expires=2027-01-31T18:00:00Z verified=live:ab12 name=\"the home\" x=1 # c\r\n"
                + "\n"
                + hashed(2)
                + " name=laptop tier=local\n",
            hashed(9) + "\tname=\"a \\\"b\\\\\" group=ab12cd34 tier=group",
            "bafzbeiadambqgaydambqgaydambqgaydambqgaydambqgaydambqgaydam name=x\n")
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }

  /// The value of the `verified` attribute, whoever wrote it.
  @MethodSource("evidence")
  @FuzzTest
  void verified(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    Decoding.of(
            input,
            MalformedInput.class,
            _ -> AuthorizedPeer.of(ONE, "one").withVerified(Optional.of(text)))
        .ifPresent(entry -> {
          boolean holds = Verified.holds(entry, TWO);
          same(holds, RIGHT.contains(text));
          same(Verified.isStale(entry, TWO), !holds);
          check(!Verified.holds(entry, THREE), "not for another pair");
        });
  }

  private static final String DIGITS = Verified.digits(ONE, TWO);
  private static final Set<String> RIGHT =
      Arrays.stream(Verified.Method.values())
          .map(method -> Verified.by(method, ONE, TWO))
          .collect(Collectors.toUnmodifiableSet());

  static Stream<byte[]> evidence() {
    return Stream.concat(
            RIGHT.stream(),
            Stream.of("live:" + DIGITS.substring(1), "x", ":" + DIGITS, "seen:" + DIGITS))
        .map(text -> text.getBytes(StandardCharsets.UTF_8));
  }
}
