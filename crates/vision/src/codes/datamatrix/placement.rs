//! Where the bits of the words lie: ISO/IEC 16022, annex F.

/// Modules of all regions without their borders, row by row, and which of them have been read.
pub(super) struct Modules<'a> {
    pub rows: i32,
    pub columns: i32,
    pub dark: &'a [u8],
    pub read: &'a mut [u8],
}

/// The eight modules of a word, the highest bit first, from its lowest right one.
const WORD: [(i32, i32); 8] = [
    (-2, -2),
    (-2, -1),
    (-1, -2),
    (-1, -1),
    (-1, 0),
    (0, -2),
    (0, -1),
    (0, 0),
];

/// The four words that are cut up by the corners; places below 0 count from the end.
const CORNERS: [[(i32, i32); 8]; 4] = [
    [
        (-1, 0),
        (-1, 1),
        (-1, 2),
        (0, -2),
        (0, -1),
        (1, -1),
        (2, -1),
        (3, -1),
    ],
    [
        (-3, 0),
        (-2, 0),
        (-1, 0),
        (0, -4),
        (0, -3),
        (0, -2),
        (0, -1),
        (1, -1),
    ],
    [
        (-3, 0),
        (-2, 0),
        (-1, 0),
        (0, -2),
        (0, -1),
        (1, -1),
        (2, -1),
        (3, -1),
    ],
    [
        (-1, 0),
        (-1, -1),
        (0, -3),
        (0, -2),
        (0, -1),
        (1, -3),
        (1, -2),
        (1, -1),
    ],
];

impl Modules<'_> {
    /// Reads all words, in their order, as far as there is room.
    pub fn words(&mut self, words: &mut [u8]) {
        self.read.fill(0);
        let (rows, columns) = (self.rows, self.columns);
        let mut words = words.iter_mut();
        let (mut row, mut column) = (4, 0);
        let mut put = |word: Option<u8>| {
            if let Some(word) = word
                && let Some(place) = words.next()
            {
                *place = word;
            }
        };
        while row < rows || column < columns {
            let corner = match (row - rows, column) {
                (0, 0) => Some(0),
                (-2, 0) if columns % 4 != 0 => Some(1),
                (-2, 0) if columns % 8 == 4 => Some(2),
                (4, 2) if columns % 8 == 0 => Some(3),
                _ => None,
            };
            if let Some(corner) = corner {
                put(Some(self.corner(&CORNERS[corner])));
            }
            // Up and to the right, then down and to the left.
            loop {
                put(self.word(row, column));
                (row, column) = (row - 2, column + 2);
                if row < 0 || column >= columns {
                    break;
                }
            }
            (row, column) = (row + 1, column + 3);
            loop {
                put(self.word(row, column));
                (row, column) = (row + 2, column - 2);
                if row >= rows || column < 0 {
                    break;
                }
            }
            (row, column) = (row + 3, column + 1);
        }
    }

    /// The word whose lowest right module is here, if one is.
    fn word(&mut self, row: i32, column: i32) -> Option<u8> {
        let inside = (0..self.rows).contains(&row) && (0..self.columns).contains(&column);
        if !inside || self.read[(row * self.columns + column) as usize] != 0 {
            return None;
        }
        Some(self.bits(WORD.map(|(down, right)| (row + down, column + right))))
    }

    fn corner(&mut self, places: &[(i32, i32); 8]) -> u8 {
        let (rows, columns) = (self.rows, self.columns);
        let counted = |at: i32, count: i32| if at < 0 { count + at } else { at };
        self.bits(places.map(|(row, column)| (counted(row, rows), counted(column, columns))))
    }

    fn bits(&mut self, places: [(i32, i32); 8]) -> u8 {
        let mut word = 0;
        for (mut row, mut column) in places {
            // What leaves on one side comes back on the other, moved.
            if row < 0 {
                row += self.rows;
                column += 4 - (self.rows + 4) % 8;
            }
            if column < 0 {
                column += self.columns;
                row += 4 - (self.columns + 4) % 8;
            }
            let at = (row * self.columns + column) as usize;
            word = word << 1 | u8::from(self.dark.get(at).is_some_and(|dark| *dark != 0));
            if let Some(read) = self.read.get_mut(at) {
                *read = 1;
            }
        }
        word
    }
}
