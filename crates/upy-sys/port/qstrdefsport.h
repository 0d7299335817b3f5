// Names of this port that are no identifiers, one Q(...) a line. Identifiers stand in names.txt.
Q(/lib)
