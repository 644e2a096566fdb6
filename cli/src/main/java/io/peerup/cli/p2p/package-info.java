/// `peerup p2p …`: the toolbox for people who speak libp2p. Each command is a libp2p host of its
/// own, with a throw-away identity unless `--key` names one; it knows no daemon and changes no
/// home. Output is one JSON object a line; `docs/json.md` has the fields.
@NullMarked
package io.peerup.cli.p2p;

import org.jspecify.annotations.NullMarked;
