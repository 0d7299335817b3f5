// Names of this port that are no identifiers, one Q(...) a line. Identifiers are found in the sources.
Q(/lib)
