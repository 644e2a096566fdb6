/// What the control socket of a node answers (`docs/protocols/control.md`, `docs/json.md`): each
/// route's request is checked here and handed to the part that does it. Runs on virtual threads,
/// one a request.
@NullMarked
package io.peerup.node.api;

import org.jspecify.annotations.NullMarked;
