package io.peerup.pairing;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.libp2p.LimitReached;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// At most [Limits#ATTEMPTS_MAX] attempts an hour at the same thing: joining with one code, or
/// verifying one peer. A machine: write [#snapshot] to disk after [#count] and before the attempt.
public final class AttemptLimit {

  private static final int VERSION = 1;
  private static final HexFormat HEX = HexFormat.of();

  // Keys are hashes, in order of their first attempt.
  private final Map<String, List<Instant>> attempts = new LinkedHashMap<>();

  /// The limit's key for a code: a hash of its public part.
  public static byte[] keyOf(PairingSecret code) {
    return Crypto.sha256("peerup-attempt-v1", new byte[] {(byte) code.kind()}, code.selector());
  }

  /// The limit's key for a peer.
  public static byte[] keyOf(PeerId peer) {
    return Crypto.sha256("peerup-attempt-v1", new byte[] {0}, peer.bytes());
  }

  /// How many attempts are left now.
  public int left(byte[] key, Instant now) {
    prune(now);
    return Limits.ATTEMPTS_MAX - attempts.getOrDefault(HEX.formatHex(key), List.of()).size();
  }

  /// Counts an attempt. Throws [LimitReached], and counts nothing, if none is left.
  public void count(byte[] key, Instant now) {
    if (left(key, now) <= 0) {
      throw new LimitReached(
          "there were %d attempts within an hour".formatted(Limits.ATTEMPTS_MAX),
          "ask for a new code");
    }
    String name = HEX.formatHex(key);
    if (!attempts.containsKey(name) && attempts.size() >= Limits.ATTEMPT_KEYS_MAX) {
      throw new LimitReached("there were too many attempts within an hour", "wait an hour");
    }
    attempts.computeIfAbsent(name, _ -> new ArrayList<>()).add(now);
  }

  /// Everything, for the state file.
  public JsonObject snapshot() {
    JsonArray list = new JsonArray();
    attempts.forEach((key, times) -> {
      JsonArray at = new JsonArray();
      times.forEach(time -> at.add(time.toString()));
      JsonObject entry = new JsonObject();
      entry.addProperty("key", key);
      entry.add("at", at);
      list.add(entry);
    });
    JsonObject out = new JsonObject();
    out.addProperty("version", VERSION);
    out.add("attempts", list);
    return out;
  }

  /// The limit of a [#snapshot]. Throws [MalformedInput] if it is damaged.
  public static AttemptLimit restore(JsonObject snapshot) {
    JsonFields in = new JsonFields(snapshot);
    if (in.integer("version", Integer.MAX_VALUE) != VERSION) {
      throw new MalformedInput("the attempts were written by another version of this program");
    }
    AttemptLimit limit = new AttemptLimit();
    in.objects("attempts", Limits.ATTEMPT_KEYS_MAX, e -> e)
        .forEach(e ->
            limit.attempts.put(
                HEX.formatHex(e.hex("key")),
                new ArrayList<>(
                    e.texts("at", Limits.ATTEMPTS_MAX, t -> JsonFields.instantOf(t, "at")))));
    return limit;
  }

  // A time in the future (the clock was set back) counts until it is past by an hour.
  private void prune(Instant now) {
    Instant from = now.minus(Limits.ATTEMPT_WINDOW);
    attempts.values().forEach(times -> times.removeIf(time -> !time.isAfter(from)));
    attempts.values().removeIf(List::isEmpty);
  }
}
