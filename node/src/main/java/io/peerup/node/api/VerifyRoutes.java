package io.peerup.node.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Jsons;
import io.peerup.control.server.LineSink;
import io.peerup.control.server.Reply;
import io.peerup.control.server.Request;
import io.peerup.control.server.Route;
import io.peerup.libp2p.PeerId;
import io.peerup.node.verify.Marks;
import io.peerup.node.verify.Run;
import io.peerup.node.verify.Run.Outcome;
import io.peerup.node.verify.Verifications;
import io.peerup.pairing.QuickCode;
import io.peerup.pairing.SafetyNumber;
import io.peerup.pairing.Sas;
import io.peerup.trust.AuthorizedKeysFile;
import io.peerup.trust.AuthorizedPeer;
import io.peerup.trust.PeerDirectory;
import io.peerup.trust.Verified;
import java.util.List;
import java.util.Optional;

/// Verifying a peer: `POST /v1/verify` says the code and then how it ended; meanwhile `POST
/// /v1/verify/answer` brings what the person said. `POST /v1/verify/number` is for the safety
/// number.
public final class VerifyRoutes {

  private final PeerId self;
  private final AuthorizedKeysFile keys;
  private final PeerDirectory directory;
  private final Verifications verifications;

  public VerifyRoutes(PeerId self, AuthorizedKeysFile keys, Verifications verifications) {
    this.self = self;
    this.keys = keys;
    this.directory = new PeerDirectory(keys::current);
    this.verifications = verifications;
  }

  /// Every route, for the control server.
  public List<Route> all() {
    return List.of(
        Route.post("/v1/verify", this::verify),
        Route.post("/v1/verify/answer", this::answer),
        Route.post("/v1/verify/number", request -> Reply.json(number(request))));
  }

  private Reply verify(Request request) {
    AuthorizedPeer peer = directory.find(Jsons.string(request.body(), "peer"));
    Run run = verifications.begin(peer.peer());
    return Reply.stream(sink -> follow(sink, peer, run));
  }

  /// A run may give way to one of the other side's before its code is known, and not later.
  private static void follow(LineSink sink, AuthorizedPeer peer, Run begun)
      throws InterruptedException {
    Run run = begun;
    Optional<Sas.Code> code = run.awaitCode();
    for (Optional<Run> next = run.successor(); next.isPresent(); next = run.successor()) {
      run = next.get();
      run.watch();
      code = run.awaitCode();
    }
    if (code.isPresent()) {
      sink.send(code(peer, run, code.get()));
    }
    sink.send(
        switch (run.awaitOutcome()) {
          case Outcome.Verified _ -> event("verified", "");
          case Outcome.Mismatch mismatch -> event("mismatch", mismatch.reason());
          case Outcome.Ended ended -> event("ended", ended.reason());
          case Outcome.Failed failed -> throw failed.failure();
        });
  }

  private static JsonObject code(AuthorizedPeer peer, Run run, Sas.Code code) {
    JsonArray symbols = new JsonArray();
    for (QuickCode.Symbol each : code.symbols()) {
      JsonObject symbol = new JsonObject();
      symbol.addProperty("symbol", each.picture());
      symbol.addProperty("name", each.name());
      symbols.add(symbol);
    }
    JsonObject line = event("code", "");
    line.add("emoji", symbols);
    line.addProperty("digits", code.digits());
    line.addProperty("peerId", peer.peer().toString());
    line.addProperty("name", peer.name());
    line.addProperty("run", run.id());
    return line;
  }

  private static JsonObject event(String kind, String reason) {
    JsonObject line = new JsonObject();
    line.addProperty("event", kind);
    if (!reason.isEmpty()) {
      line.addProperty("reason", reason);
    }
    return line;
  }

  private Reply answer(Request request) {
    Run run = verifications.find(Jsons.string(request.body(), "run"));
    Optional<String> digits = Jsons.optionalString(request.body(), "digits");
    if (digits.isPresent()) {
      run.answer(digits.get());
    } else {
      run.answer(yes(Jsons.string(request.body(), "answer")));
    }
    return Reply.done();
  }

  private static boolean yes(String answer) {
    return switch (answer) {
      case "yes" -> true;
      case "no" -> false;
      default -> throw new Failure("bad-request", "`answer` is yes or no", "");
    };
  }

  private JsonObject number(Request request) {
    return number(
        keys,
        self,
        Jsons.string(request.body(), "peer"),
        Jsons.optionalString(request.body(), "brought"));
  }

  /// The safety number with a peer, once what a person brought from the other device has been found
  /// to be the same, if anything was brought. Needs no connection.
  ///
  /// @throws Failure `no-such-peer`, `ambiguous-peer`, and what [Marks#confirm] throws
  public static JsonObject number(
      AuthorizedKeysFile keys, PeerId self, String typed, Optional<String> brought) {
    PeerDirectory directory = new PeerDirectory(keys::current);
    PeerId peer = directory.find(typed).peer();
    brought.ifPresent(text -> Marks.confirm(keys, self, peer, text));
    AuthorizedPeer entry = directory.find(peer.toString());
    SafetyNumber number = SafetyNumber.of(self, peer);
    JsonObject out = new JsonObject();
    out.addProperty("peerId", peer.toString());
    out.addProperty("name", entry.name());
    out.addProperty("digits", String.join(" ", number.groups()));
    out.addProperty("scan", number.scan());
    out.addProperty("verified", Verified.holds(entry, self));
    return out;
  }
}
