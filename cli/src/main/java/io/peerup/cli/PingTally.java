package io.peerup.cli;

import com.google.gson.JsonObject;
import org.jspecify.annotations.Nullable;

/// Counts the lines of a ping as they come, so that one that is interrupted has a result, too: the
/// daemon's own summary comes only at the end. Thread-safe.
final class PingTally {

  private JsonObject target = new JsonObject();
  private @Nullable JsonObject summary;
  private long sent;
  private long received;
  private double minMs;
  private double maxMs;
  private double sumMs;

  synchronized void count(JsonObject line) {
    if (line.has("target")) {
      target = line.getAsJsonObject("target");
    } else if (line.has("summary")) {
      summary = line;
    } else {
      sent++;
      if (line.has("rttMs") && !line.get("rttMs").isJsonNull()) {
        double rttMs = line.get("rttMs").getAsDouble();
        minMs = received == 0 ? rttMs : Math.min(minMs, rttMs);
        maxMs = Math.max(maxMs, rttMs);
        sumMs += rttMs;
        received++;
      }
    }
  }

  /// Whether anything was sent and the end has not been told yet.
  synchronized boolean isOpen() {
    return sent > 0 && summary == null;
  }

  synchronized boolean anyReceived() {
    return received > 0;
  }

  /// The last line, as the daemon would have sent it now.
  synchronized JsonObject summary() {
    if (summary != null) {
      return summary;
    }
    JsonObject inner = new JsonObject();
    inner.addProperty("peerId", StatusView.text(target, "peerId"));
    inner.addProperty("name", StatusView.text(target, "name"));
    inner.addProperty("verified", target.has("verified") && target.get("verified").getAsBoolean());
    inner.addProperty("sent", sent);
    inner.addProperty("received", received);
    inner.addProperty("lossPercent", sent == 0 ? 0 : 100.0 * (sent - received) / sent);
    if (received > 0) {
      inner.addProperty("minMs", minMs);
      inner.addProperty("avgMs", Math.round(sumMs / received * 1000) / 1000.0);
      inner.addProperty("maxMs", maxMs);
    }
    JsonObject out = new JsonObject();
    out.add("summary", inner);
    return out;
  }
}
