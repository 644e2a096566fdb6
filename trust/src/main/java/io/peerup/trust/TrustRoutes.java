package io.peerup.trust;

import io.peerup.control.Jsons;
import io.peerup.control.server.Reply;
import io.peerup.control.server.Request;
import io.peerup.control.server.Route;
import java.util.List;

/// The control requests of [TrustVerbs], the same at a node and at a relay.
public final class TrustRoutes {

  private TrustRoutes() {}

  /// Every route, for the control server.
  public static List<Route> of(TrustVerbs verbs) {
    return List.of(
        Route.post(
            "/v1/trust/allow",
            request ->
                Reply.json(
                    verbs.allow(peer(request), Jsons.optionalString(request.body(), "name")))),
        Route.post("/v1/trust/deny", request -> Reply.json(verbs.deny(peer(request)))),
        Route.post("/v1/trust/block", request -> Reply.json(verbs.block(peer(request)))),
        Route.post("/v1/trust/unblock", request -> Reply.json(verbs.unblock(peer(request)))),
        Route.post("/v1/trust/explain", request -> Reply.json(verbs.explain(peer(request)))),
        Route.get("/v1/trust/blocked", _ -> Reply.json(verbs.listBlocked())));
  }

  private static String peer(Request request) {
    return Jsons.string(request.body(), "peer");
  }
}
