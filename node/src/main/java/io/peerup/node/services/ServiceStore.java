package io.peerup.node.services;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.peerup.control.Failure;
import io.peerup.control.Home;
import io.peerup.control.Jsons;
import io.peerup.control.Printable;
import io.peerup.control.PrivateFiles;
import io.peerup.libp2p.MalformedInput;
import io.peerup.libp2p.PeerId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// The services of this node, kept in `state/services.json`. A change is on disk before it counts.
/// Thread-safe; changes block on the disk.
public final class ServiceStore {

  private static final int VERSION = 1;

  private final Path file;
  private volatile SortedMap<String, Service> services;

  /// Reads the stored services. @throws Failure `state-damaged` naming the file, which stays as it
  /// is
  public ServiceStore(Home home) {
    this.file = home.state("services.json");
    this.services =
        PrivateFiles.readIfExists(file).map(bytes -> decode(file, bytes)).orElseGet(TreeMap::new);
  }

  /// All services, by name.
  public List<Service> list() {
    return List.copyOf(services.values());
  }

  public Optional<Service> find(String name) {
    return Optional.ofNullable(services.get(name));
  }

  /// Adds a service. @throws Failure `service-exists`, `too-many-services`
  public synchronized void add(Service service) {
    if (services.containsKey(service.name())) {
      throw new Failure(
          "service-exists",
          "there is already a service `" + service.name() + "`",
          "remove it first: peerup service remove " + service.name());
    }
    if (services.size() >= Limits.SERVICES_MAX) {
      throw new Failure(
          "too-many-services",
          "this node already offers " + Limits.SERVICES_MAX + " services, the most it can",
          "remove one: peerup service list");
    }
    if (service.allowed().size() > Limits.ALLOWED_PEERS_MAX) {
      throw new Failure(
          "too-many-peers",
          "a service can name at most " + Limits.ALLOWED_PEERS_MAX + " peers",
          "leave the list empty to allow every authorised peer");
    }
    TreeMap<String, Service> next = new TreeMap<>(services);
    next.put(service.name(), service);
    store(next);
  }

  /// Removes a service. @throws Failure `no-such-service`
  public synchronized void remove(String name) {
    existing(name);
    TreeMap<String, Service> next = new TreeMap<>(services);
    next.remove(name);
    store(next);
  }

  /// Changes whether a service is offered. @throws Failure `no-such-service`
  public Service setEnabled(String name, boolean enabled) {
    return change(name, service -> service.withEnabled(enabled));
  }

  private synchronized Service change(String name, UnaryOperator<Service> change) {
    Service changed = change.apply(existing(name));
    TreeMap<String, Service> next = new TreeMap<>(services);
    next.put(name, changed);
    store(next);
    return changed;
  }

  private Service existing(String name) {
    Service found = services.get(name);
    if (found == null) {
      throw new Failure(
          "no-such-service",
          "this node has no service `" + Printable.of(name) + "`",
          services.isEmpty()
              ? "offer one: peerup service add web 127.0.0.1:8000"
              : "it has: " + String.join(", ", services.keySet()));
    }
    return found;
  }

  private void store(SortedMap<String, Service> next) {
    JsonArray array = new JsonArray();
    for (Service service : next.values()) {
      JsonObject each = new JsonObject();
      each.addProperty("name", service.name());
      each.addProperty("target", service.target().toString());
      each.addProperty("protocol", service.protocol().toString());
      each.addProperty("enabled", service.enabled());
      JsonArray allowed = new JsonArray();
      service.allowed().stream().sorted().forEach(peer -> allowed.add(peer.toString()));
      each.add("allowed", allowed);
      array.add(each);
    }
    JsonObject root = new JsonObject();
    root.addProperty("version", VERSION);
    root.add("services", array);
    PrivateFiles.write(file, root.toString().getBytes(StandardCharsets.UTF_8));
    services = next;
  }

  static SortedMap<String, Service> decode(Path file, byte[] bytes) {
    try {
      JsonObject root = Jsons.parseObject(new String(bytes, StandardCharsets.UTF_8));
      Jsons.integer(root, "version", VERSION, VERSION);
      if (!(root.get("services") instanceof JsonArray stored)
          || stored.size() > Limits.SERVICES_MAX) {
        throw new MalformedInput("there is no list of services in it");
      }
      SortedMap<String, Service> out = new TreeMap<>();
      for (JsonElement element : stored) {
        if (!(element instanceof JsonObject each)) {
          throw new MalformedInput("one of its services is not an object");
        }
        Set<PeerId> allowed = new HashSet<>();
        Jsons.strings(each, "allowed").forEach(id -> allowed.add(PeerId.parse(id)));
        Service service =
            new Service(
                Jsons.string(each, "name"),
                Target.parse(Jsons.string(each, "target")),
                // Before there was UDP the file said nothing of it.
                each.has("protocol")
                    ? Protocol.parse(Jsons.string(each, "protocol"))
                    : Protocol.TCP,
                Jsons.bool(each, "enabled", true),
                allowed);
        if (out.put(service.name(), service) != null) {
          throw new MalformedInput("the service " + service.name() + " is in it twice");
        }
      }
      return out;
    } catch (Failure | MalformedInput e) {
      throw new Failure(
          "state-damaged",
          file + " is damaged: " + e.getMessage(),
          "restore it from a backup, or move it away and add the services again",
          e);
    }
  }
}
