//! Maps between planes as a camera sees them: R. Hartley and A. Zisserman, "Multiple View Geometry", section 2.3.

/// A 3 x 3 matrix on (x, y, 1), row by row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Homography(pub [f32; 9]);

impl Homography {
    /// The image of a point; nothing if it lies at infinity.
    pub fn apply(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        let m = &self.0;
        let w = m[6] * x + m[7] * y + m[8];
        if w == 0.0 || !w.is_finite() {
            return None;
        }
        Some(((m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w))
    }

    /// The map back; nothing if there is none.
    pub fn inverse(&self) -> Option<Homography> {
        let m = self.0.map(f64::from);
        let minor = |a: usize, b: usize, c: usize, d: usize| m[a] * m[d] - m[b] * m[c];
        let determinant = m[0] * minor(4, 5, 7, 8) - m[1] * minor(3, 5, 6, 8) + m[2] * minor(3, 4, 6, 7);
        if determinant == 0.0 || !determinant.is_finite() {
            return None;
        }
        let adjugate = [
            minor(4, 5, 7, 8),
            -minor(1, 2, 7, 8),
            minor(1, 2, 4, 5),
            -minor(3, 5, 6, 8),
            minor(0, 2, 6, 8),
            -minor(0, 2, 3, 5),
            minor(3, 4, 6, 7),
            -minor(0, 1, 6, 7),
            minor(0, 1, 3, 4),
        ];
        Some(Homography(adjugate.map(|value| (value / determinant) as f32)))
    }

    /// `self` after `first`.
    pub fn after(&self, first: &Homography) -> Homography {
        let mut product = [0.0; 9];
        for (index, value) in product.iter_mut().enumerate() {
            let (row, column) = (index / 3, index % 3);
            *value = (0..3)
                .map(|k| self.0[row * 3 + k] * first.0[k * 3 + column])
                .sum();
        }
        Homography(product)
    }

    /// The map that takes four points to four others; nothing if three of a set lie on one line.
    pub fn from_points(from: &[(f32, f32); 4], to: &[(f32, f32); 4]) -> Option<Homography> {
        let exact = |points: &[(f32, f32); 4]| points.map(|(x, y)| (f64::from(x), f64::from(y)));
        let matrix = Self::solve(&exact(from), &exact(to))?;
        Some(Homography(matrix.map(|value| value as f32)))
    }

    /// The same in double precision, row by row.
    pub(crate) fn solve(from: &[(f64, f64); 4], to: &[(f64, f64); 4]) -> Option<[f64; 9]> {
        let mut rows = [[0.0f64; 9]; 8];
        for (index, (&(x, y), &(u, v))) in from.iter().zip(to).enumerate() {
            rows[2 * index] = [x, y, 1.0, 0.0, 0.0, 0.0, -x * u, -y * u, u];
            rows[2 * index + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -x * v, -y * v, v];
        }
        let solved = solve(&mut rows)?;
        let mut matrix = [1.0; 9];
        matrix[..8].copy_from_slice(&solved);
        Some(matrix)
    }
}

/// Gauss's elimination with row exchange; the last column is the right side.
fn solve(rows: &mut [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let pivot = (column..8).max_by(|a, b| {
            let size = |row: &usize| rows[*row][column].abs();
            size(a).total_cmp(&size(b))
        })?;
        if rows[pivot][column].abs() < 1e-10 || !rows[pivot][column].is_finite() {
            return None;
        }
        rows.swap(pivot, column);
        let head = rows[column];
        for (index, row) in rows.iter_mut().enumerate() {
            if index != column {
                let factor = row[column] / head[column];
                for (value, head) in row.iter_mut().zip(head).skip(column) {
                    *value -= factor * head;
                }
            }
        }
    }
    let mut solution = [0.0; 8];
    for (index, value) in solution.iter_mut().enumerate() {
        *value = rows[index][8] / rows[index][index];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_points_go_where_they_should_and_back() {
        let from = [(0.0, 0.0), (100.0, 0.0), (100.0, 80.0), (0.0, 80.0)];
        let to = [(10.0, 5.0), (90.0, 12.0), (110.0, 70.0), (-4.0, 83.0)];
        let map = Homography::from_points(&from, &to).unwrap();
        let back = map.inverse().unwrap();
        for (a, b) in from.iter().zip(to) {
            let (x, y) = map.apply(a.0, a.1).unwrap();
            assert!((x - b.0).abs() < 1e-3 && (y - b.1).abs() < 1e-3);
            let (x, y) = back.apply(b.0, b.1).unwrap();
            assert!((x - a.0).abs() < 1e-2 && (y - a.1).abs() < 1e-2);
        }
        let line = [(0.0, 0.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)];
        assert_eq!(Homography::from_points(&line, &to), None);
    }
}
