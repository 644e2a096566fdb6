package io.peerup.relay.server;

import com.google.gson.JsonObject;
import io.peerup.control.server.Reply;
import io.peerup.control.server.Route;
import io.peerup.trust.TrustRoutes;
import io.peerup.trust.TrustVerbs;
import java.util.ArrayList;
import java.util.List;

/// The relay's control requests: its table of contents for `peerup relay …` and for curl.
final class RelayRoutes {

  private final RelayAdmin admin;
  private final TrustVerbs trust;
  private final Runnable shutDown;

  RelayRoutes(RelayAdmin admin, TrustVerbs trust, Runnable shutDown) {
    this.admin = admin;
    this.trust = trust;
    this.shutDown = shutDown;
  }

  List<Route> routes() {
    List<Route> all = new ArrayList<>(TrustRoutes.of(trust));
    all.addAll(own());
    return all;
  }

  private List<Route> own() {
    return List.of(
        Route.get("/v1/relay", _ -> Reply.json(admin.info())),
        Route.post("/v1/groups", request -> Reply.json(admin.createGroup(request.body()))),
        Route.post(
            "/v1/groups/{group}/codes",
            request -> Reply.json(admin.reissueCodes(request.param("group"), request.body()))),
        Route.get("/v1/groups", _ -> Reply.json(admin.listGroups())),
        Route.delete(
            "/v1/groups/{group}", request -> Reply.json(admin.revokeGroup(request.param("group")))),
        Route.get("/v1/members", _ -> Reply.json(admin.listMembers())),
        Route.post("/v1/members", request -> Reply.json(admin.authorize(request.body()))),
        Route.delete(
            "/v1/members/{peerId}",
            request -> Reply.json(admin.deauthorize(request.param("peerId")))),
        Route.post("/v1/shutdown", _ -> shuttingDown()));
  }

  private Reply shuttingDown() {
    shutDown.run();
    JsonObject out = new JsonObject();
    out.addProperty("stopping", true);
    return Reply.json(out);
  }
}
