/// TCP and UDP services that this node offers to its peers, and local ports that lead to theirs.
/// One stream a connection, spoken as `docs/protocols/service.md` says. Blocking code on virtual
/// threads; the data path copies with one buffer each way, so back-pressure is the stream's own.
@NullMarked
package io.peerup.node.services;

import org.jspecify.annotations.NullMarked;
