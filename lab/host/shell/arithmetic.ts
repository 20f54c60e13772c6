// Arithmetic of the shell, `$((…))`: integers, variables, and the operators of C that do not assign.

const LEVELS = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<=", ">=", "<", ">"],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

function apply(operator: string, a: number, b: number): number {
  switch (operator) {
    case "||":
      return Number(a !== 0 || b !== 0);
    case "&&":
      return Number(a !== 0 && b !== 0);
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "&":
      return a & b;
    case "==":
      return Number(a === b);
    case "!=":
      return Number(a !== b);
    case "<=":
      return Number(a <= b);
    case ">=":
      return Number(a >= b);
    case "<":
      return Number(a < b);
    case ">":
      return Number(a > b);
    case "<<":
      return a << b;
    case ">>":
      return a >> b;
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    default:
      if (b === 0) throw new Error("division by zero");
      return operator === "/" ? Math.trunc(a / b) : a % b;
  }
}

/** The value of an expression; a variable that is not a number counts as 0. */
export function evaluateArithmetic(expression: string, variable: (name: string) => string | undefined): number {
  const tokens =
    expression.match(/0[xX][0-9a-fA-F]+|[0-9]+|[A-Za-z_]\w*|\|\||&&|[=!<>]=|<<|>>|[-+*/%<>!~&|^?:()]|\S/g) ?? [];
  let index = 0;
  const take = (token: string) => {
    if (tokens[index] !== token) return false;
    index += 1;
    return true;
  };
  const conditional = (): number => {
    const condition = binary(0);
    if (!take("?")) return condition;
    const yes = conditional();
    if (!take(":")) throw new Error(`arithmetic expression: expecting ':': "${expression}"`);
    const no = conditional();
    return condition !== 0 ? yes : no;
  };
  const binary = (level: number): number => {
    const operators = LEVELS[level];
    if (!operators) return unary();
    let value = binary(level + 1);
    for (;;) {
      const operator = tokens[index];
      if (operator === undefined || !operators.includes(operator)) return value;
      index += 1;
      value = apply(operator, value, binary(level + 1));
    }
  };
  const unary = (): number => {
    if (take("-")) return -unary();
    if (take("+")) return unary();
    if (take("!")) return Number(unary() === 0);
    if (take("~")) return ~unary();
    if (take("(")) {
      const value = conditional();
      if (!take(")")) throw new Error(`arithmetic expression: expecting ')': "${expression}"`);
      return value;
    }
    const token = tokens[index];
    index += 1;
    if (token !== undefined && /^\d/.test(token)) return /^0\d/.test(token) ? Number.parseInt(token, 8) : Number(token);
    if (token !== undefined && /^[A-Za-z_]/.test(token)) return Math.trunc(Number(variable(token) ?? "0")) || 0;
    throw new Error(`arithmetic expression: expecting primary: "${expression}"`);
  };
  if (tokens.length === 0) return 0;
  const value = conditional();
  if (index < tokens.length) throw new Error(`arithmetic expression: expecting EOF: "${expression}"`);
  return value;
}
